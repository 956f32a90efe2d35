"""The command `hfquick`: its subcommands, the doctor, and the launcher behind `make`."""
