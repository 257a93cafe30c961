"""How fast the program is, side by side with the bare libraries it stands on."""
