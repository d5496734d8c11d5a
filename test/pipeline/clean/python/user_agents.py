"""System and browser of each user agent as uap-core has them, in our classes. Reads and prints JSON lists."""
import json
import sys

from ua_parser import parse

SYSTEMS = {
    "iOS": "ios",
    "Android": "android",
    "Windows": "windows",
    "Mac OS X": "macos",
    "Linux": "linux",
    "Ubuntu": "linux",
    "Chrome OS": "chromeos",
}
BROWSERS = {
    "Chrome": "chrome",
    "Chrome Mobile": "chrome",
    "Chrome Mobile iOS": "chrome",
    "Safari": "safari",
    "Mobile Safari": "safari",
    "Firefox": "firefox",
    "Firefox Mobile": "firefox",
    "Firefox iOS": "firefox",
    "Edge": "edge",
    "Edge Mobile": "edge",
    "Opera": "opera",
    "Opera Mini": "opera",
    "Opera Mobile": "opera",
    "Opera Touch": "opera",
    "Samsung Internet": "samsung",
    "IE": "ie",
}


def classes(agent):
    found = parse(agent)
    is_bot = bool(found.device and found.device.family == "Spider")
    system = SYSTEMS.get(found.os.family if found.os else "", "other")
    browser = BROWSERS.get(found.user_agent.family if found.user_agent else "", "other")
    return {"os": system, "browser": browser, "bot": is_bot}


json.dump([classes(agent) for agent in json.load(sys.stdin)], sys.stdout)
