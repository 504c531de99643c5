"""Reminders of training: rules and dates (``rules``), whom they reach (``reach``), managers (``teams``), and the sending (``run``).

What is due, and who is away or excused, is ``courses.obligations_sql``'s to say. A run decides first and sends later: it
writes which e-mails are to go (``ReminderMail``, with the steps they are for), and ``deliver`` hands them over, a few
each minute, looking again at each person just before.
"""
