/** Who entered by a Gateway, as a line of its log says: `entered` of a tap, or Envoy's and Istio's names of fields. */
import type { Entered } from '@weft/core/tap';

type Line = Readonly<Record<string, unknown>>;

/** undefined: the line says nothing of it. `authority`: taken for the server name where that is not said. */
export function enteredIn(line: Line, authority: string): Entered | undefined {
  const told = objectOf(line['entered']);
  const text = (name: string, ...others: readonly string[]): string =>
    textOf(told, [name]) || (told === undefined ? textOf(line, others) : '');
  const address = addressOf(text('address', 'downstream_direct_remote_address', 'downstream_remote_address'));
  const client = addressOf(text('client', 'downstream_remote_address', 'downstream_direct_remote_address'));
  const [identity = ''] = text('identity', 'downstream_peer_uri_san', 'peer_identity').split(',', 1);
  const serverName =
    text('serverName', 'requested_server_name') || (told === undefined ? authority.replace(/:\d+$/, '') : '');
  const certificate = told?.['certificate'] === true || identity !== '';
  return address === '' && client === '' ? undefined : { address, client, certificate, identity, serverName };
}

/** Without its port. */
const addressOf = (text: string): string =>
  /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([^:]*):\d+$/, '$1');

const objectOf = (value: unknown): Line | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;

function textOf(line: Line | undefined, names: readonly string[]): string {
  for (const name of names) {
    const value = line?.[name];
    if (typeof value === 'string' && value !== '' && value !== '-') return value;
  }
  return '';
}
