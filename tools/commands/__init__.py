"""One file a command of ./dev, each with `run(arguments) -> exit code`."""
