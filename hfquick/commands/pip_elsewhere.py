"""pip as another system's pip would read the markers of requirements.

    python -m hfquick.commands.pip_elsewhere '{"sys_platform": "win32", ...}' install --platform win_amd64 ...

pip's --platform chooses wheels of another system, but pip reads markers (`; sys_platform == "win32"`) as on this one: a
stick for Windows made on Linux would lack what Windows alone needs. So this puts the other system's values in the place
where pip looks for its own. That place is no public one; if it moves, this says so and ends.
"""

import json
import sys


def main(arguments: list[str]) -> int:
    values, *rest = arguments
    there = json.loads(values)
    try:
        from pip._internal.cli.main import main as pip
        from pip._vendor.packaging import markers

        here = markers.default_environment
        markers.default_environment = lambda: {**here(), **there}
        known = all(markers.Marker(f"{name} == {value!r}").evaluate() for name, value in there.items())
    except (ImportError, AttributeError) as error:
        print(f"pip's own modules are not where they were: {error}", file=sys.stderr)
        return 2
    if not known:
        print("this pip does not take the markers of another system; another version of pip may", file=sys.stderr)
        return 2
    return pip(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
