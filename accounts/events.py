"""The acts of this app, in words."""

from audit import events

events.register(
    {
        "accounts.organisation_created": "created the organisation",
        "accounts.profile_recorded": "recorded the organisation's profile from {effective_on}",
        "accounts.site_added": "added the site {site}",
        "accounts.site_changed": "changed the site {site}",
        "accounts.user_created": "created the sign-in {user}",
        "accounts.role_granted": "gave {user} the role {role}",
        "accounts.role_ended": "ended the role {role} of {user}",
        "accounts.signed_in_with_code": "signed in with a letter's code",
        "accounts.signed_in": "signed in",
        "accounts.signed_in_by_directory": "signed in through {directory}",
        "accounts.directory_linked": "linked their sign-in with {directory}",
        "accounts.directory_registered": "wrote down by what {directory} knows {user}",
        "accounts.directory_unlinked": "ended the sign-in of {user} through {directory}",
        "accounts.second_factor_added": "set up a second way to sign in ({kind})",
        "accounts.second_factor_removed": "removed a second way to sign in ({kind})",
        "accounts.recovery_codes_renewed": "made new recovery codes",
        "accounts.second_factor_reset": "removed the second factor of {user}, after checking who they are: {reason}",
        "accounts.second_factor_required": "decided who needs a second way to sign in: {who}",
        "accounts.sessions_ended": "ended the sign-ins of {user}",
        "accounts.own_sessions_ended": "ended their other sign-ins: {count}",
        "accounts.password_chosen": "chose a password after signing in with a letter's code",
        "accounts.password_changed": "changed their password",
        "accounts.invited": "invited {user} to sign in",
        "accounts.look_asked": "asked to look into the organisation for {hours} hours, at {capabilities}",
        "accounts.look_given": "let {user} look into the organisation until {until}",
        "accounts.look_taken": "began to look into the organisation without waiting for an answer, until {until}",
        "accounts.look_refused": "refused to let {user} look into the organisation",
        "accounts.look_ended": "ended that {user} may look into the organisation",
        "accounts.look_used": "looked from outside at {page}",
        "accounts.platform_administrator_appointed": "made {user} a platform administrator",
        "accounts.platform_administrator_ended": "ended that {user} is a platform administrator",
        "accounts.virus_refused": "brought in a file with a virus ({finding}), which was not kept",
        "accounts.audit_exported": "downloaded the audit trail",
    }
)
