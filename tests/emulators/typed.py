"""Runs a command on a terminal of its own and types one word when it is asked: its exit code, and what it said."""

import argparse
import json
import os
import pty


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--word", required=True)
    options.add_argument("--folder", required=True)
    options.add_argument("command", nargs=argparse.REMAINDER)
    given = options.parse_args()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(given.folder)
        os.execve(given.command[0], given.command, dict(os.environ))
    said, typed = b"", False
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:
            # So a terminal ends when its last program does.
            break
        if not read:
            break
        said += read
        if b"Enter a value: " in said and not typed:
            os.write(terminal, given.word.encode() + b"\n")
            typed = True
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"code": code, "said": said.decode(), "asked": typed}))


if __name__ == "__main__":
    main()
