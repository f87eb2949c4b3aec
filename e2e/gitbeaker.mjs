// The forum's story, told to tokenry with @gitbeaker/rest as its registry ships it.
//
// TOKENRY_URL and TOKENRY_TOKEN name a server and its administrator's token. The server should
// be a new one: the story makes users and tokens, and changes a setting for a moment.

import assert from 'node:assert/strict';
import { Gitlab } from '@gitbeaker/rest';

const { TOKENRY_URL: host, TOKENRY_TOKEN } = process.env;
const nextMonth = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10);

let checks = 0;

function check(holds, claim) {
  assert.ok(holds, claim);
  checks += 1;
}

function equal(got, wanted, claim) {
  assert.deepEqual(got, wanted, claim);
  checks += 1;
}

/** The call must fail with this status; gives what the client says about it. */
async function refused(status, claim, call) {
  const failure = await call.then(
    (answer) => assert.fail(`${claim}: not refused, but answered ${JSON.stringify(answer)}`),
    (error) => error,
  );
  // Anything else that went wrong is no refusal of the server's.
  if (!failure.cause?.response) throw failure;
  equal(failure.cause.response.status, status, `${claim} (${failure.message})`);
  return failure.message;
}

const client = (token) => new Gitlab({ host, token });
const ids = (tokens) => tokens.map(({ id }) => id);
const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

function newUser(root, username) {
  return root.Users.create({
    username,
    name: username.replaceAll('-', ' '),
    email: `${username}@example.test`,
    forceRandomPassword: true,
    skipConfirmation: true,
  });
}

function mint(root, user, name = 'robot', scopes = ['api']) {
  return root.PersonalAccessTokens.create(user.id, name, scopes, { expiresAt: nextMonth });
}

async function whoAmI(root) {
  const me = await root.Users.showCurrentUser();
  equal([me.username, me.is_admin], ['root', true], 'the first administrator');
  const { version, kas, enterprise } = await root.Metadata.show();
  check(/^\d+\.\d+\.\d+/.test(version), `a version that clients can compare: ${version}`);
  equal([typeof kas.enabled, typeof enterprise], ['boolean', 'boolean'], 'the rest of the metadata');

  const bearer = new Gitlab({ host, oauthToken: TOKENRY_TOKEN });
  equal((await bearer.Users.showCurrentUser()).id, me.id, 'the same token as a bearer');
  await refused(401, 'a made-up token', client('glpat-aaaaaaaaaaaaaaaaaaaa').Users.showCurrentUser());
}

async function aTokenForEachLogin(root) {
  const user = await newUser(root, 'portal');
  const minted = [];
  for (let n = 0; n < 45; n += 1) {
    minted.push(await mint(root, user, `login-${String(n).padStart(2, '0')}`));
  }
  equal(new Set(minted.map(({ token }) => token)).size, 45, 'no two token texts alike');
  const [token] = minted;
  check(token.token.startsWith('glpat-'), 'the default prefix');
  equal(
    [token.user_id, token.scopes, token.expires_at, token.active],
    [user.id, ['api'], nextMonth, true],
    'what was asked for',
  );

  const tokens = root.PersonalAccessTokens;
  const mine = { userId: user.id };
  const everything = sorted(ids(minted));

  // Past 20, every way the client has.
  const all = await tokens.all({ ...mine, revoked: false });
  equal(sorted(ids(all)), everything, 'all pages, once each');
  check(!('token' in all[0]), "a list never holds the token's text");
  const byKeyset = { ...mine, pagination: 'keyset', orderBy: 'id', sort: 'asc', perPage: 10 };
  equal(ids(await tokens.all(byKeyset)), everything, 'keyset, in order, once each');
  const { data, paginationInfo } = await tokens.all({ ...byKeyset, showExpanded: true });
  equal([data.length, paginationInfo.perPage], [45, 10], 'keyset, expanded');
  equal(paginationInfo.orderBy, 'id', 'the links of keyset paging repeat the order');
  equal(ids(await tokens.all({ ...mine, perPage: 10, maxPages: 2 })), ids(all).slice(0, 20), 'two pages of ten');

  const second = await tokens.all({ ...mine, perPage: 20, page: 2, showExpanded: true });
  equal(ids(second.data), ids(all).slice(20, 40), 'the second page');
  equal(
    second.paginationInfo,
    { total: 45, next: 3, current: 2, previous: 1, perPage: 20, totalPages: 3 },
    'where the second page stands',
  );
  const last = await tokens.all({ ...mine, showExpanded: true });
  equal([last.data.length, last.paginationInfo.current, last.paginationInfo.next], [45, 3, null], 'the last page');

  const byName = await tokens.all({ ...mine, sort: 'name_desc' });
  equal(ids(byName), ids(minted).reverse(), 'sorted by name, downwards');
  equal(ids(await tokens.all({ ...mine, search: 'login-07' })), [minted[7].id], 'found by name');
  const createdAfter = new Date(Date.now() + 3600 * 1000).toISOString();
  equal(await tokens.all({ ...mine, createdAfter }), [], 'none is made in the future');

  for (const { id } of minted.slice(0, 5)) await tokens.remove({ tokenId: id });
  const [dead, alive] = [everything.slice(0, 5), everything.slice(5)];
  for (const [filter, wanted] of [
    [{ revoked: true }, dead],
    [{ revoked: false }, alive],
    [{ state: 'inactive' }, dead],
    [{ state: 'active' }, alive],
    [{}, everything],
  ]) {
    const listed = await tokens.all({ ...mine, ...filter });
    equal(sorted(ids(listed)), wanted, `listed with ${JSON.stringify(filter)}`);
  }
  const me = client(minted[44].token);
  equal(sorted(ids(await me.PersonalAccessTokens.all())), everything, "the owner's own list");
  await refused(401, "another's list", me.PersonalAccessTokens.all({ userId: user.id + 1 }));
}

async function rotateAndRevoke(root) {
  const user = await newUser(root, 'pipeline');
  const first = await mint(root, user, 'ci');
  const me = client(first.token);
  equal((await me.Users.showCurrentUser()).username, 'pipeline', 'a token acts as its owner');
  equal((await me.PersonalAccessTokens.show()).id, first.id, 'a token can look at itself');
  equal((await me.PersonalAccessTokens.show({ tokenId: first.id })).name, 'ci', 'and by its id');

  const second = await root.PersonalAccessTokens.rotate(first.id, { expiresAt: nextMonth });
  check(second.id !== first.id && second.token !== first.token, 'a rotation makes a new token');
  equal([second.name, second.scopes, second.expires_at], ['ci', ['api'], nextMonth], 'what it keeps and sets');
  await refused(401, 'the token rotated away', me.Users.showCurrentUser());
  await refused(400, 'rotating what is revoked', root.PersonalAccessTokens.rotate(first.id));

  const third = await client(second.token).PersonalAccessTokens.rotate('self');
  const inAWeek = new Date(Date.parse(third.created_at.slice(0, 10)) + 7 * 24 * 3600 * 1000);
  equal(third.expires_at, inAWeek.toISOString().slice(0, 10), 'without a date, rotation gives a week');
  const newest = client(third.token);
  equal((await newest.PersonalAccessTokens.show()).active, true, 'the newest works');

  // A dead member of the family that asks for a rotation is taken for a thief: all of it dies.
  await refused(401, 'reuse', client(second.token).PersonalAccessTokens.rotate('self'));
  await refused(401, 'the family after a reuse', newest.Users.showCurrentUser());

  // `remove` revokes, and the row stays; with hardDelete it goes.
  const [kept, gone] = [await mint(root, user, 'kept'), await mint(root, user, 'gone')];
  const keeper = client(kept.token);
  await keeper.PersonalAccessTokens.remove({ tokenId: gone.id });
  const shown = await keeper.PersonalAccessTokens.show({ tokenId: gone.id });
  equal([shown.revoked, shown.active], [true, false], 'a removed token is shown as revoked');
  await refused(401, 'a revoked token', client(gone.token).Users.showCurrentUser());
  await keeper.PersonalAccessTokens.remove();
  await refused(401, 'a token that revoked itself', keeper.Users.showCurrentUser());
  await root.PersonalAccessTokens.remove({ tokenId: gone.id, hardDelete: true });
  await refused(404, 'a token that was really deleted', root.PersonalAccessTokens.show({ tokenId: gone.id }));
}

async function aTokenIsFound(root) {
  const user = await newUser(root, 'spilled');
  const leaked = await mint(root, user, 'in a paste');
  // The client has no method for this door, but a requester that is open to all.
  const { requester } = root.PersonalAccessTokens;
  const body = { token: leaked.token };

  const { body: found } = await requester.post('admin/token', { body });
  equal([found.id, found.user_id, found.revoked], [leaked.id, user.id, false], 'what it is');
  equal((await requester.delete('admin/token', { body })).status, 204, 'revoked by value');
  await refused(401, 'the found token, revoked', client(leaked.token).Users.showCurrentUser());
  equal((await requester.post('admin/token', { body })).body.revoked, true, 'still identified, as revoked');
  await refused(404, "nobody's text", requester.post('admin/token', { body: { token: `${leaked.token}x` } }));
  await refused(422, 'a text of no kind', requester.post('admin/token', { body: { token: 'unsupported' } }));
}

async function impersonation(root) {
  const user = await newUser(root, 'understudy');
  const tokens = root.UserImpersonationTokens;
  const made = await tokens.create(user.id, 'support', ['api'], { expiresAt: nextMonth });
  equal([made.impersonation, made.user_id], [true, user.id], 'an impersonation token');
  const actor = client(made.token);
  equal((await actor.Users.showCurrentUser()).username, 'understudy', 'it acts as the user');
  equal(ids(await tokens.all(user.id, { state: 'active' })), [made.id], "the administrator's list");
  equal((await tokens.show(user.id, made.id)).name, 'support', 'shown by id');
  await tokens.remove(user.id, made.id);
  equal((await tokens.show(user.id, made.id)).revoked, true, 'revoked, and still shown');
  equal(await tokens.all(user.id, { state: 'active' }), [], 'no longer listed as active');
  await refused(401, 'a revoked impersonation token', actor.Users.showCurrentUser());
}

/** A group and a project in it. */
async function newPlace(root, path) {
  const group = await root.Groups.create(path, path);
  return [group, await root.Projects.create({ name: 'app', namespaceId: group.id })];
}

async function deployTokens(root) {
  const [group, project] = await newPlace(root, 'released');
  for (const place of [{ groupId: group.id }, { projectId: project.id }]) {
    const made = await root.DeployTokens.create('mirror', ['read_repository'], place);
    check(made.token.startsWith('gldt-'), 'the prefix of deploy tokens');
    equal(made.username, `gitlab+deploy-token-${made.id}`, 'the username, where none is chosen');
    equal(ids(await root.DeployTokens.all(place)), [made.id], 'listed');
    equal((await root.DeployTokens.show(made.id, place)).scopes, ['read_repository'], 'shown by id');
    check(ids(await root.DeployTokens.all()).includes(made.id), 'among all there are');
    await root.DeployTokens.remove(made.id, place);
    equal(await root.DeployTokens.all(place), [], 'deleted');
  }
}

async function triggers(root) {
  const [, project] = await newPlace(root, 'started');
  const tokens = root.PipelineTriggerTokens;
  const made = await tokens.create(project.id, 'docs build');
  check(made.token.startsWith('glptt-'), 'the prefix of triggers');
  equal((await tokens.show(project.id, made.id)).token, made.token, 'shown again to its owner');
  await tokens.edit(project.id, made.id, { description: 'nightly' });
  const listed = await tokens.all(project.id);
  equal(listed.map(({ id, description }) => [id, description]), [[made.id, 'nightly']], 'edited and listed');
  await tokens.remove(project.id, made.id);
  await refused(404, 'a trigger that was deleted', tokens.show(project.id, made.id));
}

async function users(root) {
  const user = await newUser(root, 'grace-hopper');
  const robot = client((await mint(root, user)).token);
  equal((await root.Users.show(user.id)).state, 'active', 'a new user');
  equal(ids(await root.Users.all({ username: 'Grace-Hopper' })), [user.id], 'found by username, in any case');
  equal(ids(await root.Users.all({ search: 'hopper' })), [user.id], 'found by a part of the name');
  const everyone = ids(await root.Users.all());
  const byKeyset = await root.Users.all({ pagination: 'keyset', orderBy: 'id', sort: 'asc', perPage: 2 });
  equal(ids(byKeyset), sorted(everyone), 'users by keyset, in order, once each');

  // The client sends this one as a multipart form.
  await root.Users.edit(user.id, { name: 'Rear Admiral Hopper' });
  equal((await root.Users.show(user.id)).name, 'Rear Admiral Hopper', 'a changed name');

  // Deactivating comes first: an account that was just in use may be refused it.
  for (const [shut, reopen, state] of [
    ['deactivate', 'activate', 'deactivated'],
    ['block', 'unblock', 'blocked'],
    ['ban', 'unban', 'banned'],
  ]) {
    equal(await root.Users[shut](user.id), true, `the answer to ${shut}`);
    equal((await root.Users.show(user.id)).state, state, `the state after ${shut}`);
    const reason = await refused(403, `a token after ${shut}`, robot.Users.showCurrentUser());
    check(reason.startsWith('403 Forbidden - Your account has been '), `the reason is told: ${reason}`);
    equal(await root.Users[reopen](user.id), true, `the answer to ${reopen}`);
    equal((await robot.Users.showCurrentUser()).state, 'active', `the state after ${reopen}`);
  }

  await refused(409, 'a username taken', newUser(root, 'grace-hopper'));
  await refused(404, "a user that isn't there", root.Users.show(user.id + 1000));
  await refused(403, 'a user made by no administrator', newUser(robot, 'intruder'));
  await root.Users.remove(user.id);
  await refused(401, 'the token of a deleted user', robot.Users.showCurrentUser());
}

async function groupsAndProjects(root) {
  const [ada, bob] = [await newUser(root, 'team-owner'), await newUser(root, 'team-guest')];
  const [owner, guest] = [client((await mint(root, ada)).token), client((await mint(root, bob)).token)];
  const team = await owner.Groups.create('Crew', 'crew');
  const sub = await owner.Groups.create('Sub', 'sub', { parentId: team.id });
  const project = await owner.Projects.create({ name: 'My App', namespaceId: sub.id });
  equal(project.path_with_namespace, 'crew/sub/my-app', 'a path made of the name');
  equal((await owner.Projects.show('crew/sub/my-app')).id, project.id, 'a project by its path');
  equal((await owner.Groups.show('crew/sub')).id, sub.id, 'a group by its path');
  await refused(404, 'a private project, to others', guest.Projects.show(project.id));

  const member = await owner.ProjectMembers.add('crew/sub/my-app', 20, { userId: bob.id });
  equal([member.id, member.access_level], [bob.id, 20], 'a member');
  await refused(409, 'a member twice', owner.ProjectMembers.add(project.id, 30, { userId: bob.id }));
  equal((await guest.Projects.show(project.id)).permissions.project_access.access_level, 20, "one's own role");
  await refused(403, 'an edit by a reporter', guest.Projects.edit(project.id, { name: 'Mine' }));
  const changed = await owner.ProjectMembers.edit(project.id, bob.id, 40, { expiresAt: nextMonth });
  equal([changed.access_level, changed.expires_at], [40, nextMonth], 'a changed member');
  equal(ids(await owner.ProjectMembers.all(project.id)), [bob.id], 'members right here');
  const all = await owner.ProjectMembers.all(project.id, { includeInherited: true });
  equal(ids(all), [ada.id, bob.id], 'and those of the groups above');
  const inherited = await owner.ProjectMembers.show(project.id, ada.id, { includeInherited: true });
  equal(inherited.access_level, 50, 'whoever creates a group owns it');

  equal((await guest.Projects.edit(project.id, { description: 'useful' })).description, 'useful', 'an edit');
  equal(ids(await owner.Groups.allSubgroups(team.id)), [sub.id], 'the groups in a group');
  equal(ids(await owner.Groups.allProjects(team.id, { includeSubgroups: true })), [project.id], 'the projects beneath');
  equal(ids(await owner.Projects.all({ membership: true, perPage: 1 })), [project.id], 'what one is a member of');
  await owner.ProjectMembers.remove(project.id, bob.id);
  await refused(404, 'a member who left', owner.ProjectMembers.show(project.id, bob.id));
  await owner.Groups.remove(team.id);
  await refused(404, 'what lay in a removed group', root.Projects.show(project.id));
}

async function accessTokens(root) {
  const group = await root.Groups.create('Robotics', 'robotics');
  const project = await root.Projects.create({ name: 'welding', namespaceId: group.id });
  for (const [place, sort, tokens] of [
    [project, 'project', root.ProjectAccessTokens],
    [group, 'group', root.GroupAccessTokens],
  ]) {
    const made = await tokens.create(place.id, 'arm', ['api'], nextMonth, { accessLevel: 30 });
    equal([made.access_level, made.resource_type, made.resource_id], [30, sort, place.id], 'where it belongs');
    const bot = await client(made.token).Users.showCurrentUser();
    check(bot.username.startsWith(`${sort}_${place.id}_bot_`), `a bot: ${bot.username}`);
    equal(ids(await tokens.all(place.id)), [made.id], 'listed');
    equal((await tokens.show(place.id, made.id)).name, 'arm', 'shown by id');
    const second = await tokens.rotate(place.id, made.id);
    equal([second.user_id, second.access_level], [bot.id, 30], 'the bot stays');
    await refused(401, 'the token rotated away', client(made.token).Users.showCurrentUser());
    await tokens.revoke(place.id, second.id);
    equal((await tokens.show(place.id, second.id)).revoked, true, 'revoked, and still shown');
    await refused(404, "a token that isn't there", tokens.show(place.id, 999999));
  }
  const account = await root.GroupServiceAccounts.create(group.id);
  check(account.username.startsWith(`service_account_group_${group.id}_`), `a service account: ${account.username}`);
  const token = await mint(root, account, 'shift');
  const next = await root.GroupServiceAccounts.rotatePersonalAccessToken(group.id, account.id, token.id);
  equal((await client(next.token).Users.showCurrentUser()).id, account.id, 'its token, rotated');
  equal(typeof (await root.ServiceAccounts.create()).id, 'number', 'a service account of the instance');
}

async function settings(root) {
  const { require_personal_access_token_expiry: atFirst } = await root.ApplicationSettings.show();
  const set = (required) => root.ApplicationSettings.edit({ requirePersonalAccessTokenExpiry: required });
  equal(atFirst, true, 'expiry is required at first');
  await set(false);
  const user = await newUser(root, 'ageless');
  const forever = await root.PersonalAccessTokens.create(user.id, 'forever', ['api']);
  equal(forever.expires_at, null, "where expiry isn't required, a token may live on");
  await set(true);
}

async function mistakes(root) {
  const [user, other] = [await newUser(root, 'hasty'), await newUser(root, 'bystander')];
  const reason = await refused(400, 'an unknown scope', mint(root, user, 'wide', ['everything']));
  check(reason.includes('scopes'), `the parameter is named: ${reason}`);
  const [mine, theirs] = [await mint(root, user), await mint(root, other)];
  const me = client(mine.token).PersonalAccessTokens;
  await refused(401, "reading another's token", me.show({ tokenId: theirs.id }));
  await refused(401, "rotating another's token", me.rotate(theirs.id));
  await refused(400, "revoking another's token", me.remove({ tokenId: theirs.id }));
  check((await root.PersonalAccessTokens.show({ tokenId: theirs.id })).active, 'none of it did any harm');

  const reader = client((await mint(root, user, 'reader', ['read_api'])).token).PersonalAccessTokens;
  equal((await reader.show({ tokenId: mine.id })).id, mine.id, 'read_api may read');
  const scope = await refused(403, 'read_api may not write', reader.remove({ tokenId: mine.id }));
  equal(scope, 'insufficient_scope', 'the reason is told');
}

async function applications(root) {
  const made = await root.Applications.create('Bridge', 'https://chat.example/cb', 'read_api');
  check(made.secret.startsWith('gloas-'), 'the prefix of application secrets');
  check(ids(await root.Applications.all()).includes(made.id), 'listed');
  await root.Applications.remove(made.id);
  await refused(404, 'an application that was removed', root.Applications.remove(made.id));
}

async function runners(root) {
  const group = await root.Groups.create('workers', 'workers');
  const project = await root.Projects.create({ name: 'worked', namespaceId: group.id });
  const made = await root.Users.createCIRunner('project_type', { projectId: project.id, description: 'arm-b' });
  check(made.token.startsWith('glrt-'), 'the prefix of runners');
  equal((await root.Runners.show(made.id)).status, 'never_contacted', 'shown');
  const machine = { token: made.token, systemId: 's_1', info: { version: '17.1.0' } };
  equal((await root.Runners.verify(machine)).id, made.id, 'verified');
  equal(ids(await root.Runners.all({ projectId: project.id, status: 'online' })), [made.id], 'listed, online');
  equal((await root.Runners.edit(made.id, { paused: true })).paused, true, 'changed');
  await root.Runners.remove({ token: made.token });
  await refused(404, 'a runner that removed itself', root.Runners.show(made.id));
}

async function agents(root) {
  const group = await root.Groups.create('fleets', 'fleets');
  const project = await root.Projects.create({ name: 'fleet', namespaceId: group.id });
  const agent = await root.Agents.register(project.id, 'prod');
  equal(ids(await root.Agents.all(project.id)), [agent.id], 'listed');
  // The client's own `createToken` only lists them: it sends a GET.
  const issued = await fetch(`${host}/api/v4/projects/${project.id}/cluster_agents/${agent.id}/tokens`, {
    method: 'POST',
    headers: { 'private-token': TOKENRY_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'one' }),
  });
  const token = await issued.json();
  check(token.token.startsWith('glagent-'), 'the prefix of agent tokens');
  equal((await root.Agents.showToken(project.id, agent.id, token.id)).status, 'active', 'shown');
  equal(ids(await root.Agents.allTokens(project.id, agent.id)), [token.id], 'listed');
  await root.Agents.removeToken(project.id, agent.id, token.id);
  await refused(404, 'a token that was revoked', root.Agents.showToken(project.id, agent.id, token.id));
  await root.Agents.unregister(project.id, agent.id);
  await refused(404, 'an agent that was removed', root.Agents.show(project.id, agent.id));
}

const root = client(TOKENRY_TOKEN);
await whoAmI(root);
await aTokenForEachLogin(root);
await rotateAndRevoke(root);
await aTokenIsFound(root);
await impersonation(root);
await accessTokens(root);
await deployTokens(root);
await triggers(root);
await users(root);
await groupsAndProjects(root);
await settings(root);
await mistakes(root);
await applications(root);
await runners(root);
await agents(root);
console.log(`gitbeaker: ok (${checks} checks)`);
