"""A second program on the same workspace, driven by lines on its standard input.

Not a test itself: `test_two_windows.py` starts it as a process. Each line is a JSON list of
a command's name, its fields and the label; it answers with the wall-clock time of the commit.
"""

import json
import sys
import time
from typing import Any

from app.commands.contacts import change_contact
from app.commands.deals import change_deal, move_deal_to_stage
from app.commands.tasks import change_task
from app.commands.tickets import change_ticket
from app.errors import UserError
from app.workspace import Workspace

COMMANDS: dict[str, Any] = {
    "change_contact": change_contact,
    "change_deal": change_deal,
    "change_task": change_task,
    "change_ticket": change_ticket,
    "move_deal_to_stage": move_deal_to_stage,
}


def answer(**said: Any) -> None:
    """Say something to the test."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Open the workspace as somebody else, then do what is asked line by line."""
    workspace = Workspace.open(sys.argv[1], user_name=sys.argv[2])
    answer(ready=True)
    for line in sys.stdin:
        name, fields = json.loads(line)
        try:
            workspace.change("Changed elsewhere", COMMANDS[name], **fields)
        except UserError as error:
            answer(refused=str(error))
        else:
            answer(at=time.time())
    workspace.close()


if __name__ == "__main__":
    main()
