"""What can be wrong with a request to the caseload."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class CaseloadError(Exception):
    """The caseload cannot do what was asked."""


class CaseloadUnavailable(CaseloadError):
    """The database does not answer, or is too busy; nothing was written."""


class DatabaseUrlWrong(CaseloadError):
    """The address of the database is neither an SQLite file's nor a PostgreSQL server's."""


class MigrationBroken(CaseloadError):
    """A new schema would leave rows that refer to nothing; nothing was changed."""


class NotEnrolled(CaseloadError):
    """This chat belongs to no client."""


class NoSuchClient(CaseloadError):
    """There is no such client, or the person who asks may not see them."""


class NoSuchStaff(CaseloadError):
    """There is no such member of staff, or they were disabled."""


class NoSuchColleague(CaseloadError):
    """There is nobody like this in the service, or the person who asks may not look after them."""


class NoSuchAbsence(CaseloadError):
    """There is no such absence, or the person who asks may not change it."""


class AwayAlready(CaseloadError):
    """This person is away in that time already, or in a part of it."""


class CoverNotPossible(CaseloadError):
    """The cover is of another service, cannot read clients, or is away in that time too."""


class NoSuchHandoff(CaseloadError):
    """There is no such handoff, or the person who asks may not see it."""


class NoSuchConversation(CaseloadError):
    """There is no such conversation, or the person who asks may not see it."""


class NoSuchGoal(CaseloadError):
    """There is no such goal of this client."""


class NoSuchAppointment(CaseloadError):
    """There is no such appointment of this client."""


class NoSuchLead(CaseloadError):
    """There is no such job lead of this client."""


class LeadNotOpen(CaseloadError):
    """The lead has ended, or there is work of the client's own in it."""


class NoSuchSafetyRecord(CaseloadError):
    """There is no such safety event, near miss or example, or the person who asks may not see it."""


class NoSuchRecord(CaseloadError):
    """There is no such record of this client or service, or the person who asks may not see it."""


class NoSuchAttachment(CaseloadError):
    """There is no such file, or the person who asks may not see it."""


class NoSuchQuickReply(CaseloadError):
    """There is no such quick reply of this service."""


class NoSuchLaterReply(CaseloadError):
    """There is no such reply for later, or the person who asks may not see it."""


class NameTaken(CaseloadError):
    """The service has a quick reply of this name."""


class EmployerKnown(CaseloadError):
    """The service has another employer of this name and site; the message is its id."""


class TimeNotFree(CaseloadError):
    """The consultant is not free at that time."""


class SomeoneWasFaster(CaseloadError):
    """Another person changed the owner of the chat first."""


class NotHolding(CaseloadError):
    """The person who hands back does not have the chat."""


class LabelNotUsable(CaseloadError):
    """A label for a client cannot be kept; the message says why, to the person who chose it."""


class InviteNotUsable(CaseloadError):
    """The invite is unknown, used, revoked or out of date; nobody is told which."""


class AccountNotYours(CaseloadError):
    """The account, or the role, is one that the person who asks may not change or give."""


class RefTaken(CaseloadError):
    """Another client has this reference."""


class EmailTaken(CaseloadError):
    """Somebody has an account with this e-mail address already."""


class LastOfRole(CaseloadError):
    """The service would be without anybody in this role."""


class LinkNotUsable(CaseloadError):
    """The link to an account is unknown, used, revoked or out of date; nobody is told which."""


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn the library's ways of saying that the database is not there into CaseloadUnavailable."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise CaseloadUnavailable("The database does not answer.") from error
