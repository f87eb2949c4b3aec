"""The forum's story, told to tokenry with python-gitlab as its registry ships it.

TOKENRY_URL and TOKENRY_TOKEN name a server and its administrator's token. The server should be
a new one: the story makes users and tokens, and changes a setting for a moment.
"""

import os
import warnings
from datetime import date, datetime, timedelta, timezone

import gitlab
import requests
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabCreateError,
    GitlabError,
    GitlabGetError,
    GitlabRotateError,
)

URL = os.environ["TOKENRY_URL"]
NEXT_MONTH = (datetime.now(timezone.utc).date() + timedelta(days=30)).isoformat()

# If a link or `web_url` leads away from the address it called, the client only warns; but its
# paging would then leave the server, so here it is an error.
warnings.simplefilter("error", UserWarning)

checks = 0


def check(holds, claim):
    global checks
    assert holds, claim
    checks += 1


def equal(got, wanted, claim):
    check(got == wanted, f"{claim}: wanted {wanted!r}, got {got!r}")


def refused(status, claim, call, *args, error=GitlabError, **kwargs):
    """The call must fail with this status, and as this error of the client's."""
    try:
        answer = call(*args, **kwargs)
    except GitlabError as failure:
        equal(failure.response_code, status, f"{claim} ({failure})")
        check(isinstance(failure, error), f"{claim}: {failure!r} is no {error.__name__}")
        return failure
    raise AssertionError(f"{claim}: not refused, but answered {answer!r}")


def client(token):
    return gitlab.Gitlab(URL, private_token=token, timeout=30)


def new_user(root, username):
    return root.users.create(
        {
            "username": username,
            "name": username.replace("-", " ").title(),
            "email": f"{username}@example.test",
            "force_random_password": True,
            "skip_confirmation": True,
        }
    )


def mint(user, name="robot", scopes=("api",), expires_at=NEXT_MONTH, **more):
    if expires_at:
        more["expires_at"] = expires_at
    return user.personal_access_tokens.create({"name": name, "scopes": list(scopes), **more})


def ids(tokens):
    return [token.id for token in tokens]


def who_am_i(root):
    root.auth()
    equal(root.user.username, "root", "the first administrator's name")
    check(root.user.is_admin, "root is an administrator")
    version, revision = root.version()
    check(version.split(".")[0].isdigit(), f"a version that clients can compare: {version!r}")
    check(revision != "unknown", "the revision is told")
    refused(401, "a made-up token", client("glpat-aaaaaaaaaaaaaaaaaaaa").auth, error=GitlabAuthenticationError)
    refused(401, "no token at all", gitlab.Gitlab(URL, timeout=30).auth, error=GitlabAuthenticationError)


def a_token_for_each_login(root):
    user = new_user(root, "site")
    minted = [mint(user, f"login-{n:02}") for n in range(45)]
    equal(len({token.token for token in minted}), 45, "no two token texts alike")
    check(all(token.token.startswith("glpat-") for token in minted), "the default prefix")
    equal(minted[0].expires_at, NEXT_MONTH, "the date asked for")
    equal(minted[0].scopes, ["api"], "the scopes asked for")
    equal(minted[0].user_id, user.id, "the owner")
    equal(minted[0].active, True, "a new token is active")

    mine, everyones = {"user_id": user.id}, root.personal_access_tokens
    first = everyones.list(**mine, get_all=False)
    equal(len(first), 20, "a page, where no size is given")
    check("token" not in first[0].attributes, "a list never holds the token's text")

    # Past 20, every way the client has; the forum's poster saw no way.
    everything = sorted(ids(minted))
    equal(sorted(ids(everyones.list(**mine, revoked=False, get_all=True))), everything, "get_all, once each")
    equal(sorted(ids(everyones.list(**mine, revoked=False, iterator=True))), everything, "iterator, once each")
    keyset = everyones.list(**mine, pagination="keyset", order_by="id", per_page=10, iterator=True)
    equal(keyset.total, None, "keyset paging doesn't count")
    equal(sorted(ids(keyset)), everything, "keyset, once each")
    pages = everyones.list(**mine, per_page=20, iterator=True)
    equal((pages.total, pages.total_pages, pages.per_page), (45, 3, 20), "the totals")
    equal((pages.prev_page, pages.current_page, pages.next_page), (None, 1, 2), "the pages around the first")
    second = everyones.list(**mine, per_page=20, page=2)
    equal(ids(second), ids(pages)[20:40], "the second page")
    equal(everyones.list(**mine, per_page=20, page=4), [], "a page past the end")

    names = [token.name for token in minted]
    by_name = everyones.list(**mine, sort="name_desc", get_all=True)
    equal([token.name for token in by_name], names[::-1], "sorted by name, downwards")
    by_age = everyones.list(**mine, sort="created_asc", get_all=True)
    equal(ids(by_age), ids(minted), "sorted by age")
    equal(ids(everyones.list(**mine, search="LOGIN-07")), ids(minted[7:8]), "found by name, in any case")

    for token in minted[:5]:
        everyones.delete(token.id)
    dead, alive = everything[:5], everything[5:]
    for filters, wanted in (
        ({"revoked": True}, dead),
        ({"revoked": False}, alive),
        ({"state": "inactive"}, dead),
        ({"state": "active"}, alive),
        ({}, everything),
    ):
        equal(sorted(ids(everyones.list(**mine, **filters, get_all=True))), wanted, f"listed with {filters}")

    me = client(minted[44].token)
    equal(sorted(ids(me.personal_access_tokens.list(get_all=True))), everything, "the owner's own list")
    refused(401, "another's list", me.personal_access_tokens.list, user_id=user.id + 1, get_all=False)


def rotate_and_revoke(root):
    user = new_user(root, "nightly-job")
    first = mint(user, "ci", description="for the night")
    me = client(first.token)
    me.auth()
    equal(me.user.username, "nightly-job", "a token acts as its owner")
    own = me.personal_access_tokens.get("self")
    equal((own.id, own.name, own.active), (first.id, "ci", True), "a token can look at itself")

    # Rotated by id, with a date.
    own.rotate(expires_at=NEXT_MONTH)
    check(own.id != first.id and own.token != first.token, "a rotation makes a new token")
    equal((own.name, own.scopes, own.expires_at), ("ci", ["api"], NEXT_MONTH), "what rotation keeps and sets")
    refused(401, "the token rotated away", me.auth, error=GitlabAuthenticationError)
    check(root.personal_access_tokens.get(first.id).revoked, "the token rotated away is revoked")
    manager = root.personal_access_tokens
    refused(400, "rotating what is revoked", manager.rotate, first.id, error=GitlabRotateError)

    # Rotated by itself, without one.
    second = client(own.token)
    own = second.personal_access_tokens.get("self")
    own.rotate(self_rotate=True)
    in_a_week = date.fromisoformat(own.created_at[:10]) + timedelta(days=7)
    equal(own.expires_at, in_a_week.isoformat(), "without a date, rotation gives a week")
    refused(401, "the token that rotated itself away", second.auth, error=GitlabAuthenticationError)
    third = client(own.token)
    answer = third.personal_access_tokens.rotate("self")
    equal(answer["name"], "ci", "the manager rotates as well as the object")
    newest = client(answer["token"])
    newest.auth()

    # A dead member of the family that asks for a rotation is taken for a thief: all of it dies.
    refused(401, "reuse", second.personal_access_tokens.rotate, "self", error=GitlabAuthenticationError)
    refused(401, "the family after a reuse", newest.auth, error=GitlabAuthenticationError)

    # The API's DELETE revokes, and the row stays.
    kept, gone = mint(user, "kept"), mint(user, "gone")
    keeper = client(kept.token)
    keeper.personal_access_tokens.get(gone.id).delete()
    shown = keeper.personal_access_tokens.get(gone.id)
    equal((shown.revoked, shown.active), (True, False), "a deleted token is shown as revoked")
    check(gone.id in ids(keeper.personal_access_tokens.list(revoked=True, get_all=True)), "and listed so")
    refused(401, "a revoked token", client(gone.token).auth, error=GitlabAuthenticationError)
    keeper.personal_access_tokens.delete("self")
    refused(401, "a token that revoked itself", keeper.auth, error=GitlabAuthenticationError)

    # With hard_delete it really goes.
    root.http_delete(f"/personal_access_tokens/{gone.id}", query_data={"hard_delete": True})
    refused(404, "a token that was really deleted", manager.get, gone.id, error=GitlabGetError)
    left = ids(manager.list(user_id=user.id, get_all=True))
    check(gone.id not in left and kept.id in left, "only that one left the list")


def a_token_is_found(root):
    user = new_user(root, "leaky")
    leaked = mint(user, "in a paste")
    found = root.http_post("/admin/token", post_data={"token": leaked.token})
    equal((found["id"], found["user_id"], found["name"]), (leaked.id, user.id, "in a paste"), "what it is")
    equal((found["revoked"], found["active"]), (False, True), "and that it works")
    check("token" not in found, "the answer doesn't repeat the secret")

    path, text = "/admin/token", {"token": leaked.token}
    refused(403, "identifying, by no administrator", client(leaked.token).http_post, path, post_data=text)
    refused(403, "revoking, by no administrator", client(leaked.token).http_delete, path, post_data=text)
    equal(root.http_delete(path, post_data=text).status_code, 204, "revoked by value")
    refused(401, "the found token, revoked", client(leaked.token).auth, error=GitlabAuthenticationError)
    found = root.http_post(path, post_data=text)
    equal((found["revoked"], found["active"]), (True, False), "still identified, as revoked")
    equal(root.http_delete(path, post_data=text).status_code, 204, "revoking again does no harm")

    for verb in root.http_post, root.http_delete:
        for garbage in leaked.token + "x", "glpat-aaaaaaaaaaaaaaaaaaaa":
            refused(404, "a text of this shape, but nobody's", verb, path, post_data={"token": garbage})
        refused(422, "a text of no kind", verb, path, post_data={"token": "unsupported"})
        refused(400, "no text", verb, path, post_data={})


def impersonation(root):
    user = new_user(root, "played")
    tokens = user.impersonationtokens
    made = tokens.create({"name": "support", "scopes": ["api"], "expires_at": NEXT_MONTH})
    equal((made.impersonation, made.user_id), (True, user.id), "an impersonation token")
    actor = client(made.token)
    actor.auth()
    equal(actor.user.username, "played", "it acts as the user")
    equal(ids(tokens.list(state="active", get_all=True)), [made.id], "the administrator's list")
    equal(tokens.get(made.id).name, "support", "shown by id")
    own = client(mint(user).token).personal_access_tokens
    check(made.id not in ids(own.list(get_all=True)), "its user doesn't see it")
    tokens.delete(made.id)
    equal(tokens.get(made.id).revoked, True, "revoked, and still shown")
    equal(ids(tokens.list(state="inactive", get_all=True)), [made.id], "listed as inactive")
    refused(401, "a revoked impersonation token", actor.auth, error=GitlabAuthenticationError)
    refused(404, "an impersonation token that isn't there", tokens.get, made.id + 1000, error=GitlabGetError)


def access_tokens(root):
    group = root.groups.create({"name": "Robots", "path": "robots"})
    project = root.projects.create({"name": "assembly", "namespace_id": group.id})
    for place, sort in (project, "project"), (group, "group"):
        tokens = place.access_tokens
        made = tokens.create({"name": "line", "scopes": ["api"], "access_level": 30, "expires_at": NEXT_MONTH})
        equal((made.access_level, made.resource_type, made.resource_id), (30, sort, place.id), "where it belongs")
        bot = client(made.token)
        bot.auth()
        check(bot.user.username.startswith(f"{sort}_{place.id}_bot_"), f"a bot: {bot.user.username}")
        equal(place.members.get(made.user_id).access_level, 30, "the bot is a member")
        equal(ids(tokens.list(get_all=True)), [made.id], "listed")
        equal(tokens.get(made.id).name, "line", "shown by id")
        refused(401, "a developer's token reads no tokens", bot.projects.get(project.id, lazy=True).access_tokens.list)

        made.rotate()
        refused(401, "the token rotated away", bot.auth, error=GitlabAuthenticationError)
        own = client(made.token)
        own.auth()
        equal(own.user.id, bot.user.id, "the bot stays")
        lazy = getattr(own, f"{sort}s").get(place.id, lazy=True)
        answer = lazy.access_tokens.rotate("self", expires_at=NEXT_MONTH)
        equal((answer["expires_at"], answer["user_id"]), (NEXT_MONTH, bot.user.id), "rotated by itself")
        tokens.delete(answer["id"])
        equal(tokens.get(answer["id"]).revoked, True, "revoked, and still shown")
        equal(len(tokens.list(state="inactive", get_all=True)), 3, "the family, listed as inactive")
        refused(404, "a token that isn't there", tokens.get, 999999, error=GitlabGetError)
        refused(400, "a level that isn't there", tokens.create, {"name": "x", "scopes": ["api"], "access_level": 35})
    last = project.access_tokens.create({"name": "last", "scopes": ["api"]})
    group.delete()
    refused(401, "a token of what was removed", client(last.token).auth, error=GitlabAuthenticationError)


def service_accounts(root):
    group = root.groups.create({"name": "Machines", "path": "machines"})
    project = root.projects.create({"name": "press", "namespace_id": group.id})
    for place in project, group:
        accounts = place.service_accounts
        account = accounts.create({"name": "Operator", "username": f"operator-{place.id}"})
        equal(ids(accounts.list(get_all=True)), [account.id], "listed")
        account.name = "Chief operator"
        account.save()
        equal(root.users.get(account.id).name, "Chief operator", "renamed")
        made = account.access_tokens.create({"name": "shift", "scopes": ["api"], "expires_at": NEXT_MONTH})
        machine = client(made.token)
        machine.auth()
        equal(machine.user.id, account.id, "a token acts as its account")
        made.rotate()
        refused(401, "the token rotated away", machine.auth, error=GitlabAuthenticationError)
        machine = client(made.token)
        machine.auth()
        account.access_tokens.delete(made.id)
        refused(401, "a revoked token", machine.auth, error=GitlabAuthenticationError)
        equal(len(account.access_tokens.list(revoked=True, get_all=True)), 2, "both are listed as revoked")
        accounts.delete(account.id)
        equal(accounts.list(get_all=True), [], "removed")
    account = root.service_accounts.create({"name": "Porter"})
    check(account.id in ids(root.service_accounts.list(get_all=True)), "one of the instance")
    made = root.users.get(account.id).personal_access_tokens.create({"name": "x", "scopes": ["api"]})
    found = root.http_post("/admin/token", post_data={"token": made.token})
    equal(found["token_type"], "service_account", "named for what it is")


def new_place(root, path):
    """A group and a project in it."""
    group = root.groups.create({"name": path, "path": path})
    return group, root.projects.create({"name": "app", "namespace_id": group.id})


def deploy_tokens(root):
    for place in new_place(root, "deployed"):
        made = place.deploytokens.create({"name": "mirror", "scopes": ["read_repository"]})
        check(made.token.startswith("gldt-"), "the prefix of deploy tokens")
        equal(made.username, f"gitlab+deploy-token-{made.id}", "the username, where none is chosen")
        equal((made.expires_at, made.revoked, made.expired), (None, False, False), "it works for ever")
        chosen = place.deploytokens.create(
            {"name": "till then", "scopes": ["read_registry"], "username": "robot", "expires_at": NEXT_MONTH}
        )
        equal((chosen.username, chosen.expires_at[:10]), ("robot", NEXT_MONTH), "what was asked for")
        equal(ids(place.deploytokens.list(get_all=True)), [made.id, chosen.id], "listed")
        equal(place.deploytokens.get(chosen.id).scopes, ["read_registry"], "shown by id")
        check(made.id in ids(root.deploytokens.list(get_all=True)), "among all there are")
        found = root.http_post("/admin/token", post_data={"token": made.token})
        equal(found["id"], made.id, "identified by its text")
        made.delete()
        refused(404, "a deploy token that was deleted", place.deploytokens.get, made.id, error=GitlabGetError)
        refused(401, "a deploy token on the API", client(chosen.token).auth, error=GitlabAuthenticationError)
        refused(400, "an unknown scope", place.deploytokens.create, {"name": "x", "scopes": ["api"]})


def triggers(root):
    _, project = new_place(root, "triggered")
    made = project.triggers.create({"description": "docs build"})
    check(made.token.startswith("glptt-"), "the prefix of triggers")
    equal(project.triggers.get(made.id).token, made.token, "shown again to its owner")
    made.description = "nightly"
    made.save()
    listed = project.triggers.list(get_all=True)
    equal([(one.id, one.description) for one in listed], [(made.id, "nightly")], "edited and listed")

    helper = new_user(root, "helper")
    project.members.create({"user_id": helper.id, "access_level": 40})
    theirs = client(mint(helper).token).projects.get(project.id).triggers
    equal(len(theirs.get(made.id).token), 4, "others see how its text begins")
    text = {"token": made.token}
    equal(root.http_post("/admin/token", post_data=text)["id"], made.id, "identified by its text")
    equal(root.http_delete("/admin/token", post_data=text).status_code, 204, "revoked by its text")
    equal(project.triggers.get(made.id).token, None, "its text is gone")
    made.delete()
    refused(404, "a trigger that was deleted", project.triggers.get, made.id, error=GitlabGetError)


def user_states(root):
    user = new_user(root, "suspect")
    robot = client(mint(user).token)

    # Deactivating comes first: an account that was just in use may be refused it.
    for shut, reopen, state, message in (
        (user.deactivate, user.activate, "deactivated", "deactivated"),
        (user.block, user.unblock, "blocked", "blocked"),
        (user.ban, user.unban, "banned", "blocked"),
    ):
        equal(shut(), True, f"the answer to {shut.__name__}")
        equal(root.users.get(user.id).state, state, f"the state after {shut.__name__}")
        failure = refused(403, f"a token after {shut.__name__}", robot.auth, error=GitlabGetError)
        check(message in str(failure.error_message), f"the reason is told: {failure}")
        equal(reopen(), True, f"the answer to {reopen.__name__}")
        equal(root.users.get(user.id).state, "active", f"the state after {reopen.__name__}")
        robot.auth()
        equal(robot.user.username, "suspect", f"a token after {reopen.__name__}")


def users(root):
    user = new_user(root, "ada-lovelace")
    equal(ids(root.users.list(username="Ada-Lovelace")), [user.id], "found by username, in any case")
    equal(ids(root.users.list(search="lovelace")), [user.id], "found by a part of the name")
    equal(root.users.list(username="nobody-of-that-name"), [], "nobody found")
    keyset = root.users.list(pagination="keyset", order_by="id", per_page=2, iterator=True)
    everyone = root.users.list(get_all=True)
    equal(sorted(ids(keyset)), sorted(ids(everyone)), "users by keyset, once each")

    user.name = "Countess Lovelace"
    user.save()
    equal(root.users.get(user.id).name, "Countess Lovelace", "a changed name")
    refused(409, "a username taken", new_user, root, "ada-lovelace", error=GitlabCreateError)
    refused(404, "a user that isn't there", root.users.get, user.id + 1000, error=GitlabGetError)

    robot = client(mint(user).token)
    refused(403, "a user made by no administrator", new_user, robot, "intruder", error=GitlabCreateError)
    check("is_admin" not in robot.users.get(user.id).attributes, "others see less of a user")
    user.delete()
    refused(401, "the token of a deleted user", robot.auth, error=GitlabAuthenticationError)
    refused(404, "a deleted user", root.users.get, user.id, error=GitlabGetError)


def groups_and_projects(root):
    ada, bob = new_user(root, "group-owner"), new_user(root, "group-guest")
    owner, guest = client(mint(ada).token), client(mint(bob).token)
    team = owner.groups.create({"name": "The Team", "path": "the.team"})
    sub = owner.groups.create({"name": "Sub", "path": "sub", "parent_id": team.id, "description": "inner"})
    equal((sub.full_path, sub.full_name, sub.visibility), ("the.team/sub", "The Team / Sub", "private"), "a subgroup")
    project = owner.projects.create({"name": "My App", "namespace_id": sub.id})
    equal(project.path_with_namespace, "the.team/sub/my-app", "a path made of the name")
    for name in (project.id, "the.team/sub/my-app"):
        equal(owner.projects.get(name).id, project.id, f"a project by {name!r}")
    equal(owner.groups.get("the.team/sub").id, sub.id, "a group by its path")
    refused(404, "a private project, to others", guest.projects.get, project.id, error=GitlabGetError)
    refused(400, "a path that is taken", owner.groups.create, {"name": "x", "path": "THE.team"}, error=GitlabCreateError)

    member = project.members.create({"user_id": bob.id, "access_level": gitlab.const.AccessLevel.REPORTER})
    equal((member.id, member.access_level), (bob.id, 20), "a member")
    refused(409, "a member twice", project.members.create, {"user_id": bob.id, "access_level": 30}, error=GitlabCreateError)
    seen = guest.projects.get(project.id)
    equal(seen.permissions["project_access"]["access_level"], 20, "one's own role")
    refused(403, "an edit by a reporter", guest.projects.update, project.id, {"name": "Mine"})
    equal([group.id for group in guest.groups.list(get_all=True)], [sub.id, team.id], "the groups above are seen")
    member.access_level = 40
    member.expires_at = NEXT_MONTH
    member.save()
    equal(project.members.get(bob.id).expires_at, NEXT_MONTH, "a changed member")
    equal(ids(project.members.list(get_all=True)), [bob.id], "members right here")
    equal(ids(project.members_all.list(get_all=True)), [ada.id, bob.id], "and those of the groups above")
    equal(team.members.get(ada.id).access_level, 50, "whoever creates a group owns it")

    project.description = "useful"
    project.save()
    equal(guest.projects.get(project.id).description, "useful", "an edit")
    project.archive()
    equal(ids(owner.projects.list(archived=True, get_all=True)), [project.id], "an archived project")
    equal(ids(team.subgroups.list(get_all=True)), [sub.id], "the groups in a group")
    equal(ids(team.projects.list(include_subgroups=True, get_all=True)), [project.id], "the projects beneath")
    member.delete()
    refused(404, "a member who left", project.members.get, bob.id, error=GitlabGetError)
    own = owner.projects.create({"name": "own"})
    equal(ids(owner.projects.list(owned=True, iterator=True, pagination="keyset", order_by="id", per_page=1)), [own.id, project.id], "paged")
    own.delete()
    team.delete()
    refused(404, "what lay in a removed group", root.projects.get, project.id, error=GitlabGetError)


def settings(root):
    user = new_user(root, "timeless")
    form = root.settings.get()
    equal(form.require_personal_access_token_expiry, True, "expiry is required at first")
    check(mint(user, expires_at=None).expires_at, "where it is, a token without a date gets one")
    form.require_personal_access_token_expiry = False
    form.save()
    equal(root.settings.get().require_personal_access_token_expiry, False, "a saved setting")
    forever = mint(user, expires_at=None)
    equal(forever.expires_at, None, "where it isn't, a token may live on")
    form.require_personal_access_token_expiry = True
    form.save()
    refused(403, "settings, by no administrator", client(forever.token).settings.get, error=GitlabGetError)


def mistakes(root):
    user, other = new_user(root, "clumsy"), new_user(root, "neighbour")
    failure = refused(400, "an unknown scope", mint, user, scopes=["everything"], error=GitlabCreateError)
    check("scopes" in str(failure.error_message), f"the parameter is named: {failure}")
    refused(400, "a date that is none", mint, user, expires_at="tomorrow", error=GitlabCreateError)
    refused(404, "a token for nobody", mint, root.users.get(999999, lazy=True), error=GitlabCreateError)

    mine, theirs = mint(user), mint(other)
    me = client(mine.token).personal_access_tokens
    refused(401, "reading another's token", me.get, theirs.id, error=GitlabAuthenticationError)
    refused(401, "rotating another's token", me.rotate, theirs.id, error=GitlabAuthenticationError)
    refused(400, "revoking another's token", me.delete, theirs.id)
    refused(401, "reading a token that isn't there", me.get, 999999, error=GitlabAuthenticationError)
    refused(404, "the same, by an administrator", root.personal_access_tokens.get, 999999, error=GitlabGetError)
    check(root.personal_access_tokens.get(theirs.id).active, "none of it did any harm")

    reader = client(mint(user, scopes=["read_api"]).token)
    equal(reader.personal_access_tokens.get(mine.id).id, mine.id, "read_api may read")
    failure = refused(403, "read_api may not write", reader.personal_access_tokens.delete, mine.id)
    equal(failure.error_message, "insufficient_scope", "the reason is told")


def applications(root):
    form = {"name": "Bridge", "redirect_uri": "https://chat.example/cb", "scopes": "read_api read_user"}
    made = root.applications.create(form)
    check(made.secret.startswith("gloas-"), "the prefix of application secrets")
    [listed] = root.applications.list(get_all=True)
    equal((listed.id, listed.application_id), (made.id, made.application_id), "listed")
    check("secret" not in listed.attributes, "a list holds no secret")
    text = {"token": made.secret}
    equal(root.http_post("/admin/token", post_data=text)["token_type"], "oauth_application_secret", "identified by its text")

    grant = {"grant_type": "client_credentials", "client_id": made.application_id, "client_secret": made.secret}
    answer = requests.post(f"{URL}/oauth/token", data=grant, timeout=30)
    equal(answer.status_code, 200, "a grant for the secret")
    bot = gitlab.Gitlab(URL, oauth_token=answer.json()["access_token"], timeout=30)
    bot.auth()
    equal(bot.user.username, "root", "an access token acts as whoever made the application")
    refused(403, "beyond the application's scopes", bot.applications.create, form, error=GitlabCreateError)
    made.delete()
    refused(401, "an access token of a removed application", bot.auth, error=GitlabAuthenticationError)
    refused(404, "an application that was removed", made.delete)


def runners(root):
    group = root.groups.create({"name": "builders", "path": "builders"})
    project = root.projects.create({"name": "built", "namespace_id": group.id})
    made = root.user.runners.create(
        {"runner_type": "project_type", "project_id": project.id, "description": "linux-a", "tag_list": ["linux"]}
    )
    check(made.token.startswith("glrt-"), "the prefix of runners")
    runner = root.runners.get(made.id)
    equal((runner.status, runner.tag_list, runner.projects[0]["id"]), ("never_contacted", ["linux"], project.id), "shown")
    root.runners.verify(made.token)
    equal(root.runners.get(made.id).status, "online", "it was heard of")
    machine = {"token": made.token, "system_id": "s_1", "info": {"version": "17.1.0", "platform": "linux"}}
    root.http_post("/runners/verify", post_data=machine)
    managers = root.http_get(f"/runners/{made.id}/managers")
    told = [(one["system_id"], one["version"], one["status"]) for one in managers]
    equal(told, [("s_1", "17.1.0", "online")], "the machine that works as it")
    root.http_delete("/runners/managers", post_data={"token": made.token, "system_id": "s_1"})
    equal(root.http_get(f"/runners/{made.id}/managers"), [], "a machine that was removed")
    equal(ids(root.runners_all.list(get_all=True, tag_list=["linux"])), [made.id], "listed by tag")
    equal(ids(project.runners.list(get_all=True)), [made.id], "listed in its project")
    equal(ids(group.runners.list(get_all=True)), [], "it isn't the group's")
    runner.paused = True
    runner.save()
    equal(root.runners.get(made.id).paused, True, "changed")
    refused(403, "verifying what is no runner's token", root.runners.verify, os.environ["TOKENRY_TOKEN"])
    registered = root.runners.create({"token": os.environ["TOKENRY_TOKEN"], "description": "old"})
    check(registered.token.startswith("glrtr-"), "the prefix of registered runners")
    refused(410, "registering with a registration token", root.runners.create, {"token": "GR1348941xyz"})
    for one in (runner, root.runners.get(registered.id)):
        one.delete()
        refused(404, "a runner that was removed", root.runners.get, one.id, error=GitlabGetError)


def agents(root):
    group = root.groups.create({"name": "clusters", "path": "clusters"})
    project = root.projects.create({"name": "deployed", "namespace_id": group.id})
    agent = project.cluster_agents.create({"name": "prod"})
    equal(project.cluster_agents.get(agent.id).config_project["id"], project.id, "an agent belongs to its project")
    equal(ids(project.cluster_agents.list(get_all=True)), [agent.id], "listed")
    refused(400, "a second agent of one name", project.cluster_agents.create, {"name": "prod"}, error=GitlabCreateError)
    path = f"/projects/{project.id}/cluster_agents/{agent.id}/tokens"
    first, second = (root.http_post(path, post_data={"name": name}) for name in ("one", "two"))
    check(first["token"].startswith("glagent-"), "the prefix of agent tokens")
    refused(400, "a third token at once", root.http_post, path, post_data={"name": "three"})
    root.http_delete(f"{path}/{first['id']}")
    refused(404, "a token that was revoked", root.http_get, f"{path}/{first['id']}")
    equal([one["id"] for one in root.http_list(path, get_all=True)], [second["id"]], "those that work are listed")
    agent.delete()
    refused(404, "an agent that was removed", project.cluster_agents.get, agent.id, error=GitlabGetError)


def main():
    root = client(os.environ["TOKENRY_TOKEN"])
    who_am_i(root)
    a_token_for_each_login(root)
    rotate_and_revoke(root)
    a_token_is_found(root)
    impersonation(root)
    access_tokens(root)
    service_accounts(root)
    deploy_tokens(root)
    triggers(root)
    user_states(root)
    users(root)
    groups_and_projects(root)
    settings(root)
    mistakes(root)
    applications(root)
    runners(root)
    agents(root)
    print(f"python-gitlab: ok ({checks} checks)")


main()
