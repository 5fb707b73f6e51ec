/** An explanation as text: who, what, and each hop with who said it and where that stands. */
import { type Arrival, type Backend, type Explanation, percent, type Setting } from '@weft/compile/answers';
import { type Remedy } from '@weft/compile/answers';

export type PlaceOf = (source: string) => Promise<string>;

export async function explanationText(
  answer: Explanation,
  request: { readonly method: string; readonly path: string },
  remedy: Remedy | undefined,
  placeOf: PlaceOf,
): Promise<string> {
  const source = async (text: string | undefined): Promise<string> => {
    if (text === undefined) return '';
    const place = await placeOf(text);
    return place === '' ? text : `${text} (${place})`;
  };
  const lines: string[] = [headline(answer, request)];
  const { verdict, routing } = answer;
  lines.push(`  ${verdict.reason}${suffix(await source(verdict.source))}`);
  if (verdict.status !== 0 || verdict.flag !== '')
    lines.push(`  the caller sees ${seen(verdict.status, verdict.flag)}`);
  if (answer.entry !== undefined) {
    const { gateway, listener, word } = answer.entry;
    lines.push('', `1. listener ${listener} of Gateway ${gateway}: ${await source(answer.entry.source)}`);
    lines.push(`   ${word.allowed ? 'let in' : 'REFUSED'}: ${word.reason}${suffix(await source(word.source))}`);
    lines.push(...(await settings(answer.entry.settings, '   ', source)));
  }
  if (routing !== undefined) {
    if (answer.entry === undefined) lines.push('', `1. proxy of ${answer.caller.workload ?? 'the caller'}`);
    if (routing.plain) lines.push('   no route is attached: the port answers for itself');
    else if (routing.rule !== undefined) lines.push(`   rule: ${await source(routing.rule)}`);
    for (const miss of routing.misses) lines.push(`   not ${await source(miss.source)}: ${miss.because.join('; ')}`);
    lines.push(...(await settings(routing.settings, '   ', source)));
    for (const backend of routing.backends) {
      lines.push(`   ${backendText(backend)}${backend.port === undefined ? suffix(await source(backend.source)) : ''}`);
      lines.push(...(await settings(backend.settings, '      ', source)));
    }
  }
  for (const [index, arrival] of answer.arrivals.entries()) {
    if (arrival.workloads.length === 0) {
      lines.push(
        '',
        `2. ${arrival.port === '' ? `${percent(arrival.share)} goes no further` : arrival.port}: ${arrival.reason}`,
      );
      continue;
    }
    if (index === 0 || answer.arrivals[index - 1]?.port !== arrival.port) lines.push('', `2. ${arrival.port}`);
    lines.push(`   ${arrivalText(arrival)}${suffix(await source(arrival.source))}`);
    lines.push(...(await settings(arrival.settings ?? [], '      ', source)));
  }
  if (remedy !== undefined)
    lines.push(
      '',
      `To allow it: ${remedy.change}${remedy.source === undefined ? '' : `: ${await source(remedy.source)}`}`,
    );
  return `${lines.join('\n')}\n`;
}

function headline(
  { caller, entry, service, port, protocol, verdict }: Explanation,
  request: { method: string; path: string },
): string {
  const who = caller.workload ?? 'a caller outside the mesh';
  const identity = caller.identity === undefined ? '' : ` (${caller.identity})`;
  const what = protocol === 'tcp' ? 'TCP' : `${request.method} ${request.path}`;
  return `${who}${identity} -> ${entry === undefined ? '' : 'gateway '}${service}:${port} ${what}: ${verdict.kind}`;
}

const suffix = (text: string): string => (text === '' ? '' : `: ${text}`);

const seen = (status: number, flag: string): string =>
  [status === 0 ? 'a closed connection' : String(status), flag === '' ? '' : `flag ${flag}`].filter(Boolean).join(', ');

const TRANSPORTS = { mtls: 'mutual TLS', tls: 'TLS', plaintext: 'plaintext' } as const;

const backendText = ({ port, share, transport, path }: Backend): string =>
  `${percent(share)} to ${port ?? 'a backend that does not exist'}${port === undefined ? '' : ` by ${TRANSPORTS[transport]}`}${path === undefined ? '' : `, path ${path}`}`;

const arrivalText = ({ workloads, allowed, reason }: Arrival): string =>
  `${allowed ? 'allowed' : 'REFUSED'} by the proxy of ${workloads.slice(0, 3).join(', ')}${workloads.length > 3 ? ` and ${workloads.length - 3} more` : ''}: ${reason}`;

async function settings(
  list: readonly Setting[],
  indent: string,
  source: (text: string | undefined) => Promise<string>,
): Promise<string[]> {
  return Promise.all(
    list.map(
      async ({ name, value, source: said }) =>
        `${indent}${name}: ${value}${said === undefined ? ' (default)' : `, by ${await source(said)}`}`,
    ),
  );
}
