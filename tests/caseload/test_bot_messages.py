"""What the bot writes is not work of the service: it counts as no contact."""

from __future__ import annotations

from tests.people import Colleague, Person


def test_what_the_bot_and_sam_write_is_no_contact_with_an_employer(amina: Colleague, sam: Person) -> None:
    sam.is_told("There is a job at Crumb and Co.")
    sam.says("I rang Crumb and Co")
    with sam.caseload.reading() as case:
        assert case.employers.contacts_for(case.clients.find(sam.id)) == []
