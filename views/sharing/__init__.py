"""What a person sees of sharing: banner, kept changes, places, backups, the step to a server."""
