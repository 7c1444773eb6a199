"""The demo: Cronmend's main cases, played live with a real site on AWS emulated on this machine."""
