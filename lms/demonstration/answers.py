"""What the demonstration's organisations say in their returns, by stable item id. Invented, and meant to read as real ones do."""

from __future__ import annotations

SHARED_WORDS = {
    "data.accountability.top-risks": "1. A care worker's phone is lost or stolen: all phones lock after a minute and can be wiped. "
    "2. Somebody acts on a scam e-mail: yearly training, a report button, and a reminder each quarter. "
    "3. The rostering system is down: a printed rota each Friday, and the continuity plan tells who rings whom.",
    "data.accountability.paper-off-site": "Care plans stay in the person's home in a closed folder. Anything carried is in a zipped bag, "
    "signed out and back in, and never left in a car overnight. Team leads check at each spot check.",
    "data.accountability.physical-security": "The office door has a keypad whose code changes when somebody leaves. Files are in locked cabinets; "
    "the last person out checks them against a list by the door. Visitors sign in and are not left alone.",
    "data.accountability.mobile-phones": "Work phones have a six-digit code, encryption and remote wipe. Staff report a lost phone at once, at any hour, "
    "and the coordinator wipes it within the hour.",
    "data.records.disposal-in-house": "Paper goes through a cross-cut shredder in the office, by the coordinator, each Friday. "
    "Phones are reset and their removal from the register is signed by two people.",
    "access.sign-in.passwords": "Three random words, checked against a list of common passwords. Every account has multi-factor sign-in, and nobody shares one.",
    "incidents.weaknesses.repeats": "No incident happened twice this year.",
    "continuity.testing.plan-tested": "We talked through a day without the rostering system in March with the office and two team leads. "
    "We found that two phone numbers were old; both are changed.",
    "continuity.readiness.backups": "The rostering and records systems are backed up by their suppliers every night, and we have that in writing. "
    "Office files are backed up daily to a second service; we restored a folder in April and it worked.",
    "software.updates.prompt": "Updates install by themselves on laptops and phones. The coordinator checks the list on the first of each month "
    "and rings anybody whose device is behind.",
}

NOT_APPLICABLE = {
    "data.records.disposal-contracts": "No firm destroys records or equipment for us: we do it ourselves, as item 1.4.3 tells.",
    "software.unsupported.risk-summary": "Nothing we use is out of support.",
    "incidents.reporting.people-told": "No breach this year was of a kind that people had to be told of.",
}

DOCUMENTS = {
    "data.lawful-use.register": ("Register of information we hold and share", "register", "information-register.csv"),
    "data.lawful-use.privacy-information": ("Privacy notice", "policy", "privacy-notice.txt"),
    "data.accountability.policies": ("Data protection and security policy", "policy", "data-protection-policy.txt"),
    "people.training-needs.analysis": ("Training needs analysis", "training", "training-needs-analysis.txt"),
    "continuity.planning.asset-register": ("Register of hardware and software", "register", "asset-register.csv"),
    "continuity.planning.plan": ("Business continuity plan", "procedure", "continuity-plan.txt"),
}

CONTENTS = {
    "information-register.csv": "what,about whom,where it is kept,shared with,kept for\n"
    "Care plans,people we support,care records system and home folder,commissioners and GP,8 years after care ends\n"
    "Staff files,staff,HR system,pension provider,6 years after leaving\n"
    "Rota,staff and people we support,rostering system,nobody,2 years\n",
    "privacy-notice.txt": "How we use information about you\n\nWe keep what we need to care for you safely, share it with the people who care "
    "for you too, and nobody else. You can see it and ask us to put it right. Ask the registered manager.\n",
    "data-protection-policy.txt": "Data protection and security policy\n\n1. Everybody who works here keeps information safe.\n"
    "2. We collect what we need, keep it right, and lock it away.\n3. We judge the risks before we use information in a new way.\n"
    "4. Anything that goes wrong is reported at once, without blame.\n",
    "training-needs-analysis.txt": "Training needs analysis\n\nEverybody with access to personal information: data security awareness, each year.\n"
    "DSPT lead and registered manager: a day with the care association, every two years.\n",
    "asset-register.csv": "asset,kind,used by,supported until,matters most\nRostering system,software,everybody,supplier keeps it,yes\n"
    "24 work phones,hardware,care workers,2028,yes\n6 laptops,hardware,office,2029,no\n",
    "continuity-plan.txt": "If systems are down\n\n1. Use the printed rota.\n2. Ring people in the order of the list.\n"
    "3. Write notes on the paper forms; type them in afterwards.\n",
}
