/**
 * `weft token create`: for a workload (`--service-account`) a token that one may join with, once; for a user of the API (`--api-user`) a
 * bearer token with a role. Either is printed and kept nowhere. `weft token delete ID` ends a user's.
 */
import { parseDuration } from '@weft/core/kernel';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { EXIT_OK, UsageError } from '../errors.ts';
import { isName } from './run/flags.ts';

export interface TokenFlags extends ClientFlags {
  readonly serviceAccount?: string;
  readonly apiUser?: string;
  readonly role?: string;
  readonly namespace?: string;
  readonly ttl?: string;
}

const JOIN_TTL = '10m';
const API_TTL = '24h';
const DAY = 86_400_000;
const ROLES: readonly string[] = ['view', 'edit', 'admin'];

export async function createToken(flags: TokenFlags): Promise<number> {
  const { path, body } = flags.apiUser === undefined ? joinToken(flags) : apiToken(flags, flags.apiUser);
  const client = connect(flags);
  try {
    const { token } = (await orFail(client.call('POST', path, body))) as { readonly token: string };
    process.stdout.write(`${token}\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

interface Wish {
  readonly path: string;
  readonly body: Parameters<ReturnType<typeof connect>['call']>[2];
}

function joinToken({ serviceAccount, role, namespace = 'default', ttl = JOIN_TTL }: TokenFlags): Wish {
  const findings: string[] = [];
  const ttlMs = parseDuration(ttl) ?? 0;
  if (ttlMs < 1000 || ttlMs > DAY) findings.push(`--ttl takes a duration from 1s to 24h such as 10m, not '${ttl}'`);
  if (serviceAccount === undefined)
    findings.push('name --service-account for a workload, or --api-user for a user of the API');
  else if (!isName(serviceAccount))
    findings.push(
      `--service-account: '${serviceAccount}' is not a name (lower-case letters, digits and -, at most 63)`,
    );
  if (role !== undefined) findings.push('--role goes with --api-user');
  if (!isName(namespace)) findings.push(`--namespace: '${namespace}' is not a name`);
  refuse(findings);
  return { path: '/weft/v1/tokens', body: { namespace, account: serviceAccount ?? '', ttlMs } };
}

function apiToken({ serviceAccount, role = '', namespace = '*', ttl = API_TTL }: TokenFlags, user: string): Wish {
  const findings: string[] = [];
  const ttlMs = ttl === '0' ? 0 : parseDuration(ttl);
  if (ttlMs === undefined || (ttlMs > 0 && ttlMs < 1000))
    findings.push(`--ttl takes a duration of at least 1s such as 24h, or 0 for a token without end, not '${ttl}'`);
  if (serviceAccount !== undefined) findings.push('--service-account and --api-user do not go together');
  if (!ROLES.includes(role)) findings.push(`--role takes ${ROLES.join(', ')}, not '${role}'`);
  if (!/^[A-Za-z0-9][-A-Za-z0-9_.@]{0,62}$/.test(user))
    findings.push(`--api-user: '${user}' is not a user's name (letters, digits and - _ . @, at most 63)`);
  if (namespace !== '*' && !isName(namespace))
    findings.push(`--namespace: '${namespace}' is not a name, nor * for all`);
  refuse(findings);
  return { path: '/weft/v1/apitokens', body: { user, bindings: [{ role, namespace }], ttlMs: ttlMs ?? 0 } };
}

function refuse(findings: readonly string[]): void {
  if (findings.length === 0) return;
  throw new UsageError(`token create:\n${findings.map((finding) => `  ${finding}`).join('\n')}`);
}

/** By the token's identifier, the part between the underscores; the whole token is understood too and not sent. */
export async function deleteToken(flags: ClientFlags, [word = '']: readonly string[]): Promise<number> {
  const id = /^weft_([a-z0-9]{10})_/.exec(word)?.[1] ?? word;
  if (!/^[a-z0-9]{10}$/.test(id)) throw new UsageError('token delete takes ID, the middle part of weft_ID_SECRET');
  const client = connect(flags);
  try {
    await orFail(client.call('DELETE', `/weft/v1/apitokens/${id}`));
    process.stdout.write(`token ${id} deleted\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}
