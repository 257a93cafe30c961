"""Each file of the index comes in as it says, once, and goes again without a trace."""

from pathlib import Path
from typing import Final

import pytest

from tests.app.exchange.real_files import REAL, Entry, differences, entries, walk

ENTRIES: Final = entries()
NO_RECORDS: Final = "Not CRM data: refused with what was seen and what to do."
EMPTY: Final = "It is empty, and refused as such."
TEAMS: Final = "Names of a help desk's teams, no customers: refused with the reason."
PARTS: Final = (
    "INDEX counts parts named as attachments. Messages inside the message and parts without a name "
    "are kept as files too, and a malformed message with its raw source."
)
# Where INDEX.md counts otherwise than records can be, or the file holds nothing to be one.
REASONS: Final[dict[str, str]] = {
    "calendar-ics/biweekly_rfc5545-example6.ics": (
        "A VFREEBUSY, which INDEX counts as no event: one row, which fails with the reason."
    ),
    "commerce-generic/jaffle_raw_orders.csv": (
        "INDEX counts customers with orders (62, so many contacts); the rows are 99 orders."
    ),
    "crm-mautic/fakeleaddata.csv": (
        "Four of the 54 rows have neither name, e-mail, phone nor company: they fail with the "
        "reason; 50 people."
    ),
    "dedupe/febrl_dataset1.csv": (
        "INDEX counts true persons among misspelt ones: finding those is no matter of an import, "
        "which merges nothing that differs."
    ),
    "dedupe/febrl_dataset2.csv": (
        "The same; one row has no name, e-mail or phone and fails with the reason."
    ),
    "dirty/clevercsv_imdb.csv": NO_RECORDS,
    "dirty/csvkit_bad.csv": NO_RECORDS,
    "dirty/csvkit_empty.csv": EMPTY,
    "dirty/csvkit_mac_newlines.csv": NO_RECORDS,
    "dirty/csvkit_no_header_row.csv": NO_RECORDS,
    "dirty/csvkit_optional_quote_characters.csv": NO_RECORDS,
    "dirty/csvkit_test_utf8_bom.csv": NO_RECORDS,
    "dirty/csvkit_testxls_converted.csv": NO_RECORDS,
    "dirty/messytables_characters.csv": NO_RECORDS,
    "dirty/messytables_complex.csv": NO_RECORDS,
    "dirty/messytables_example.tsv": NO_RECORDS,
    "dirty/messytables_excel_pasting.csv": NO_RECORDS,
    "dirty/messytables_long.csv": NO_RECORDS,
    "dirty/messytables_mixedGLB.csv": NO_RECORDS,
    "dirty/messytables_null.csv": NO_RECORDS,
    "dirty/messytables_skip_initials.csv": NO_RECORDS,
    "dirty/messytables_spanish_chars.csv": NO_RECORDS,
    "dirty/messytables_sparse_with_column_errors.csv": NO_RECORDS,
    "dirty/messytables_utf-16le_encoded.csv": NO_RECORDS,
    "dirty/messytables_weird_head_padding.csv": NO_RECORDS,
    "dirty/sfdl_csvEscapedQuotes.csv": NO_RECORDS,
    "dirty/sfdl_csvtext_BOM_UTF16LE.csv": NO_RECORDS,
    "dirty/sfdl_csvtext_BOM_UTF8.csv": NO_RECORDS,
    "dirty/spectrum_empty_crlf.csv": NO_RECORDS,
    "dirty/spectrum_escaped_quotes.csv": NO_RECORDS,
    "dirty/spectrum_newlines_crlf.csv": NO_RECORDS,
    "dirty/spectrum_utf8.csv": NO_RECORDS,
    "tickets-zendesk/zendesk_group_data.csv": TEAMS,
    "xlsx/csvkit_sheets.xlsx": NO_RECORDS,
    "xlsx/messytables_blank_line.ods": NO_RECORDS,
    "xlsx/messytables_excel_properties.xls": NO_RECORDS,
    "xlsx/messytables_large.xlsx": NO_RECORDS,
    "xlsx/messytables_libreoffice.xlsx": EMPTY,
    "xlsx/messytables_multilineods.ods": NO_RECORDS,
    "xlsx/messytables_simple.xlsx": NO_RECORDS,
    "email-eml/mail_example13.eml": PARTS,
    "email-eml/nodemailer_delivery-status.eml": PARTS,
    "email-eml/espocrm_bounced_1.eml": PARTS,
    "email-eml/stalwart_thirdparty_004.eml": PARTS,
    "email-eml/stalwart_thirdparty_005.eml": PARTS,
    "email-eml/stalwart_thirdparty_007.eml": PARTS,
    "email-eml/stalwart_thirdparty_008.eml": PARTS,
    "email-eml/stalwart_thirdparty_013.eml": PARTS,
    "email-eml/stalwart_rfc_001.eml": PARTS,
    "email-eml/stalwart_rfc_002.eml": PARTS,
    "email-eml/stalwart_rfc_004.eml": PARTS,
    "email-eml/stalwart_rfc_007.eml": PARTS,
    "email-eml/stalwart_malformed_001.eml": PARTS,
    "email-eml/stalwart_malformed_002.eml": PARTS,
    "email-eml/stalwart_malformed_004.eml": PARTS,
    "email-eml/stalwart_malformed_007.eml": PARTS,
    "email-eml/stalwart_malformed_008.eml": PARTS,
    "email-eml/stalwart_malformed_011.eml": PARTS,
    "email-eml/stalwart_malformed_012.eml": PARTS,
    "email-eml/stalwart_malformed_013.eml": PARTS,
    "email-eml/stalwart_malformed_014.eml": PARTS,
    "email-eml/stalwart_malformed_016.eml": PARTS,
    "email-eml/stalwart_malformed_017.eml": PARTS,
    "email-eml/stalwart_malformed_019.eml": PARTS,
    "email-eml/stalwart_malformed_020.eml": PARTS,
}


@pytest.mark.skipif(not ENTRIES, reason=f"the real files are not in {REAL}")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_a_real_file(entry: Entry, tmp_path: Path) -> None:
    """`python -m tests.app.exchange.real_files` prints all of them as a table."""
    got = walk(entry, tmp_path)
    if got.refused:
        assert entry.key in REASONS
        assert entry.name in got.refused
        return
    rows = ("created", "updated", "merged", "unchanged", "skipped", "failed")
    assert got.counts["read"] == sum(got.counts[word] for word in rows)
    assert bool(differences(entry, got)) == (entry.key in REASONS), differences(entry, got)
    taken = got.counts["read"] - got.counts["skipped"] - got.counts["failed"]
    assert got.again["unchanged"] == taken
    assert got.again["failed"] == got.counts["failed"]
    assert got.left == {}
