"""All shared widgets under one name, for pages that use many of them."""

from views.shared.bars import GoalBar, SegmentBar, Skeleton, StepDots
from views.shared.buttons import (
    Button,
    IconButton,
    PaintedButton,
    danger,
    ghost,
    link,
    primary,
    secondary,
)
from views.shared.cards import Card, PageHeader
from views.shared.chips import Chip, ChipRow, DropDown, Sentence
from views.shared.dialogs import Dialog, ask
from views.shared.empty import EmptyState
from views.shared.forms import (
    DateField,
    DateTimeField,
    FormRow,
    MoneyEdit,
    RecordForm,
    RelationPicker,
    SearchField,
    TagField,
    line_edit,
    set_invalid,
    spin_box,
    text_area,
)
from views.shared.inline import InlineField
from views.shared.inline_title import InlineTitle
from views.shared.labels import (
    AvatarLabel,
    Divider,
    IconLabel,
    KeyHint,
    Label,
    LinkLabel,
    PillLabel,
    SectionTitle,
)
from views.shared.layout import FlowLayout, clear_layout, column, row
from views.shared.pickers import date_menu, quick_days
from views.shared.progress import ProgressPanel
from views.shared.removable_chip import RemovableChip, filter_chip, tag_chip
from views.shared.toast import NoticeBar, Toast, ToastHost

__all__ = [
    "AvatarLabel", "Button", "Card", "Chip", "ChipRow", "DateField", "DateTimeField", "Dialog",
    "Divider", "DropDown", "EmptyState", "FlowLayout", "FormRow", "GoalBar", "IconButton",
    "IconLabel", "InlineField", "InlineTitle", "KeyHint", "Label", "LinkLabel", "MoneyEdit",
    "NoticeBar", "PageHeader", "PaintedButton", "PillLabel", "ProgressPanel", "RecordForm",
    "RelationPicker", "RemovableChip", "SearchField", "SectionTitle", "SegmentBar", "Sentence",
    "Skeleton", "StepDots", "TagField", "Toast", "ToastHost", "ask", "clear_layout", "column",
    "danger", "date_menu", "filter_chip", "ghost", "line_edit", "link", "primary", "quick_days",
    "row", "secondary", "set_invalid", "spin_box", "tag_chip", "text_area",
]  # fmt: skip
