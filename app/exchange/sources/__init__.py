"""The formats that are not a table of text: each module recognises its own and opens it."""
