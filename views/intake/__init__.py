"""The settings of what comes in by itself: mail accounts and watched folders."""
