/**
 * `weft authority show | rotate | taint`. A rotation is driven from here, step by step, so that whoever runs it sees who lags; ended on the way it
 * stays where it is, and the same command goes on from there. A taint runs in the control plane; this waits for its end.
 */
import type { AuthoritiesDocument, AuthorityDocument, SpiffeBundleDocument } from '@weft/core/documents';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '@weft/core/kernel';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { formatTable } from '../cli/table.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';

export interface AuthorityFlags extends ClientFlags {
  readonly mesh?: string;
  readonly output?: string;
}

export interface RotateFlags extends AuthorityFlags {
  readonly from: string;
  readonly timeout: string;
  readonly anyway?: boolean;
  readonly retire?: boolean;
  readonly abandon?: boolean;
}

type Client = ReturnType<typeof connect>;

/** ms between two looks at what is under way. */
const LOOK_EVERY = 200;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const brief = (sha256: string): string => sha256.slice(0, 12);

async function authorities(client: Client): Promise<readonly AuthorityDocument[]> {
  const answer: unknown = await orFail(client.call('GET', '/weft/v1/authority'));
  return (answer as AuthoritiesDocument).authorities;
}

async function authorityOf(client: Client, mesh: string): Promise<AuthorityDocument> {
  const found = (await authorities(client)).find((one) => one.mesh === mesh);
  if (found === undefined) throw new CommandError(`there is no mesh ${mesh}`, '`weft authority show` lists them.');
  return found;
}

export async function showAuthority(flags: AuthorityFlags): Promise<number> {
  const client = connect(flags);
  try {
    if (flags.output === 'spiffe') {
      const path = `/weft/v1/authority/bundles/${encodeURIComponent(flags.mesh ?? 'default')}`;
      const found: unknown = await orFail(client.call('GET', path));
      const { bundle } = found as SpiffeBundleDocument;
      process.stdout.write(bundle);
      return EXIT_OK;
    }
    const all = await authorities(client);
    const shown = flags.mesh === undefined ? all : [await authorityOf(client, flags.mesh)];
    if (flags.output === 'json') {
      say(JSON.stringify({ authorities: shown }, null, 2));
      return EXIT_OK;
    }
    if (flags.output !== undefined && flags.output !== 'table')
      throw new UsageError(`-o takes table, json or spiffe, not '${flags.output}'`);
    const rows = shown.flatMap(({ mesh, trustDomain, roots }) =>
      roots.map(({ sha256, state, issuer, subject, expires }) => [
        mesh,
        trustDomain,
        brief(sha256),
        state,
        issuer,
        expires.slice(0, 10),
        subject.replaceAll('\n', ', '),
      ]),
    );
    process.stdout.write(formatTable(['MESH', 'TRUST DOMAIN', 'ROOT', 'STATE', 'ISSUER', 'EXPIRES', 'SUBJECT'], rows));
    for (const one of shown) for (const line of [...underWay(one), ...federated(one)]) say(line);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

const federated = ({ mesh, federated: foreign }: AuthorityDocument): string[] =>
  foreign.map(({ trustDomain, roots, sequence, fetched, fault, serverName }) => {
    const bundle = roots === 0 ? 'no bundle' : `${roots} ${roots === 1 ? 'root' : 'roots'}`;
    const number = sequence < 0 ? '' : `, sequence ${sequence}`;
    const origin = roots === 0 ? '' : fetched === '' ? ', pasted' : `, fetched ${fetched}`;
    return `${mesh}: federated with ${trustDomain}: ${bundle}${number}${origin}; it calls by the server name ${serverName}${fault === '' ? '' : `; ${fault}`}`;
  });

function underWay({ mesh, roots, lagging, oldRootUntil, taint }: AuthorityDocument): string[] {
  const lines: string[] = [];
  if (roots.some(({ state }) => state === 'next'))
    lines.push(`${mesh}: the next root signs nothing yet; ${laggards(lagging)}`);
  if (oldRootUntil !== '') lines.push(`${mesh}: the old root leaves at ${oldRootUntil}`);
  if (taint !== undefined && taint.step !== 'done')
    lines.push(`${mesh}: root ${brief(taint.root)} is tainted, ${taint.step}; ${taint.waitingFor.length} to go`);
  return lines;
}

const MAX_NAMES = 10;
function laggards(names: readonly string[]): string {
  if (names.length === 0) return 'every proxy trusts it';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.length} ${names.length === 1 ? 'proxy does' : 'proxies do'} not trust it yet: ${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}

export async function rotateRoot(flags: RotateFlags): Promise<number> {
  const { mesh = 'default', from } = flags;
  const timeout = parseDuration(flags.timeout);
  if (timeout === undefined) throw new UsageError(`--timeout takes a duration such as 5m, not '${flags.timeout}'`);
  const client = connect(flags);
  const step = (body: Readonly<Record<string, string | boolean>>): Promise<unknown> =>
    orFail(client.call('POST', '/weft/v1/authority/rotations', { mesh, ...body })) as Promise<unknown>;
  try {
    if (flags.abandon === true) {
      await step({ step: 'abandon' });
      say('the next root is gone; it never signed');
      return EXIT_OK;
    }
    let now = await authorityOf(client, mesh);
    const has = (state: string): boolean => now.roots.some((root) => root.state === state);
    if (flags.retire === true || (has('old') && !has('next'))) {
      if (flags.retire !== true)
        throw new CommandError(
          `the root before is trusted until ${now.oldRootUntil}: then the next rotation may begin`,
          'Its last certificates are over then. `--retire` takes it out now.',
        );
      await step({ step: 'retire', anyway: true });
      say('the old root is gone');
      return EXIT_OK;
    }
    if (!has('next')) now = (await step({ step: 'begin', from })) as AuthorityDocument;
    const next = now.roots.find(({ state }) => state === 'next')?.sha256 ?? '';
    say(`root ${brief(next)} is in the trust bundle and signs nothing yet`);
    if (!(await trusted(client, mesh, timeout)) && flags.anyway !== true) {
      process.stderr.write('weft: not all proxies trust it; the same command goes on, --anyway goes on without them\n');
      return EXIT_REFUSED;
    }
    now = (await step({ step: 'promote', anyway: flags.anyway === true })) as AuthorityDocument;
    say(`root ${brief(next)} signs; the old one leaves at ${now.oldRootUntil}, when its last certificate is over`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

/** False when some proxies still do not trust the next root after `timeout` ms. Says who lags when that changes. */
async function trusted(client: Client, mesh: string, timeout: number): Promise<boolean> {
  const end = performance.now() + timeout;
  let said = '';
  for (;;) {
    const { lagging } = await authorityOf(client, mesh);
    const text = laggards(lagging);
    if (text !== said) say(text);
    said = text;
    if (lagging.length === 0) return true;
    if (performance.now() >= end) return false;
    await pause(LOOK_EVERY);
  }
}

export async function taintRoot(flags: AuthorityFlags, [root]: readonly string[]): Promise<number> {
  const { mesh = 'default' } = flags;
  const client = connect(flags);
  try {
    const body = { mesh, ...(root === undefined ? {} : { root }) };
    await orFail(client.call('POST', '/weft/v1/authority/taints', body));
    let said = '';
    for (;;) {
      const { taint } = await authorityOf(client, mesh);
      if (taint === undefined) throw new CommandError('the control plane was restarted on the way', 'Run it again.');
      const text =
        taint.step === 'clearing'
          ? `root ${brief(taint.root)} is tainted: certificates under an older root are replaced first`
          : taint.step === 'spreading'
            ? `root ${brief(taint.root)} is tainted: a new one is told to all`
            : taint.step === 'renewing'
              ? 'the new root signs; certificates are replaced'
              : taint.step === 'dropping'
                ? 'certificates are replaced; the old root leaves every bundle'
                : `root ${brief(taint.root)} is trusted by nobody any more, after ${(taint.tookMs / 1000).toFixed(1)} s`;
      if (text !== said) say(text);
      said = text;
      if (taint.step !== 'done') {
        await pause(LOOK_EVERY);
        continue;
      }
      if (taint.waitingFor.length === 0) return EXIT_OK;
      process.stderr.write(`weft: did not replace their certificate: ${taint.waitingFor.join(', ')}\n`);
      return EXIT_REFUSED;
    }
  } finally {
    client.close();
  }
}
