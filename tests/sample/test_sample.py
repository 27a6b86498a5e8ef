import subprocess
import sys


def test_importing_the_room_loads_nothing_heavy():
    code = (
        "import sys, edgekit.sample, edgekit.sample.photographs;"
        "sys.exit(bool({'torch', 'skimage', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
