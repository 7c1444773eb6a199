"""What people are sent by the local account: collected, shown as a page and given to the terminal."""
