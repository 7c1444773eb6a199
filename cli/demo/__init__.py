"""The main job as a story: real commands of a real site on AWS emulated on this machine, told as it happens."""
