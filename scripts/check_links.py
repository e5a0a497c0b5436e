#!/usr/bin/env python3
"""Every relative link in the Markdown pages leads somewhere, every page of docs/ is in SUMMARY.md.

In: docs/**/*.md and all README.md, CONTRIBUTING.md and the like that git knows. Out: `file:line: what is broken`, exit
code 1. Anchors are those that GitHub and mdBook make from headings. Needs Python's standard library and git.
"""
import pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")


def lines(page):
    """Number and text of each line outside of code blocks."""
    code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        code ^= line.lstrip().startswith("```")
        if not code:
            yield number, line


def anchors(page):
    headings = (re.match(r"#+\s+(.*)", line) for _, line in lines(page))
    texts = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", h[1]).strip().lower() for h in headings if h)
    return {re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in texts}


listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
pages = [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]
broken = []
for page in pages:
    for number, line in lines(page):
        for link in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            path, _, anchor = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            target = (page.parent / path).resolve() if path else page
            wrong = not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target))
            broken += [f"{page.relative_to(ROOT)}:{number}: `{link}` leads nowhere"] if wrong else []
summary = (ROOT / "docs" / "SUMMARY.md").read_text(encoding="utf-8")
for page in pages:
    inside = page.relative_to(ROOT).parts
    if inside[0] == "docs" and page.name != "SUMMARY.md" and f"]({'/'.join(inside[1:])}" not in summary:
        broken.append(f"docs/SUMMARY.md: `{'/'.join(inside[1:])}` is missing")
print("\n".join(broken) or f"links: {len(pages)} pages, all links resolve")
sys.exit(bool(broken))
