"""Why ssh does not connect, in our words."""

# What ssh says, what that means, what to do; the first that fits. It never translates its messages.
REFUSALS = (
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "its host key is not the one that is known for it",
        "If it was set up anew, remove the old key with ssh-keygen -R; else somebody is in between",
    ),
    (
        "Host key verification failed",
        "its host key is not known here",
        "Compare its fingerprint and accept it once by connecting with ssh yourself",
    ),
    ("UNPROTECTED PRIVATE KEY", "others can read the private key", "chmod 600 the key"),
    (
        "Too many authentication failures",
        "it refuses the keys that were tried",
        "Name the right one with `identity`",
    ),
    (
        "Permission denied",
        "it refuses the key",
        "Add your public key there with ssh-copy-id, or name another identity",
    ),
    ("Could not resolve hostname", "there is no such host", "Check the name"),
    (
        "Connection refused",
        "nothing listens on that port",
        "Start its ssh server, or check the port",
    ),
    ("timed out", "it does not answer in time", "Check that it is on and in the network"),
    ("No route to host", "there is no route to it", "Check that it is on and in the network"),
    ("Network is unreachable", "the network cannot be reached", "Check your network"),
    ("Bad configuration option", "ssh does not take its configuration", "Correct that file"),
)
