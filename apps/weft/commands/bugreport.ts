/** `weft bugreport`: what somebody needs who is to help, in one archive, without secrets; it says what is in it. */
import type { ProxiesDocument, ProxyDocument } from '@weft/core/documents';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ApiClient } from '@weft/control/api/client';
import { KINDS } from '@weft/core/resources';
import { stringify } from 'yaml';
import { scrub, scrubText } from '../bugreport/scrub.ts';
import { tar, type TarFile } from '../bugreport/tar.ts';
import { type ClientFlags, connect } from '../cli/connect.ts';
import { systemWallClock } from '../clocks.ts';
import { CommandError, EXIT_OK } from '../errors.ts';
import { WEFT_VERSION } from '../version.ts';

export interface BugreportFlags extends ClientFlags {
  readonly output?: string;
}

/** Proxies whose whole configuration goes along: those that are in trouble first. */
const CONFIGURATIONS = 50;

export async function bugreport(flags: BugreportFlags): Promise<number> {
  const now = systemWallClock.now();
  const client = connect(flags);
  const missing: string[] = [];
  const folder = `weft-bugreport-${new Date(now).toISOString().replaceAll(/[:.]/g, '-').slice(0, 19)}`;
  try {
    const files = [environment(now), ...(await documents(client, missing)), ...(await objects(client, missing))];
    const list = { name: 'README.txt', text: readme(files, missing) };
    const archive = gzipSync(
      tar(
        [list, ...files].map(({ name, text }) => ({ name: `${folder}/${name}`, text })),
        now,
      ),
    );
    const file = path.resolve(flags.output ?? `${folder}.tar.gz`);
    try {
      writeFileSync(file, archive, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      throw new CommandError(
        exists ? `${file} is there already` : `${file}: ${error instanceof Error ? error.message : String(error)}`,
        'Name another file with -o.',
      );
    }
    process.stdout.write(`${file}: ${files.length} files, ${Math.ceil(archive.length / 1000)} kB\n`);
    process.stderr.write('Secrets were taken out by name and by form; look through it before you hand it on.\n');
    for (const text of missing) process.stderr.write(`missing: ${text}\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

const yaml = (name: string, document: unknown): TarFile => ({
  name: `${name}.yaml`,
  text: scrubText(stringify(scrub(document))),
});

/** Names of variables are told, values never. */
function environment(now: number): TarFile {
  return yaml('environment', {
    weft: WEFT_VERSION,
    node: process.version,
    platform: `${process.platform} ${process.arch} ${os.release()}`,
    cores: os.availableParallelism(),
    memoryMegabytes: Math.round(os.totalmem() / 1e6),
    time: new Date(now).toISOString(),
    variables: Object.keys(process.env).filter((name) => /^(?:WEFT|NODE|XDG|HTTPS?_PROXY|NO_PROXY)/i.test(name)),
  });
}

const DOCUMENTS: readonly (readonly [file: string, path: string])[] = [
  ['version', '/version'],
  ['proxies', '/weft/v1/proxies'],
  ['findings', '/weft/v1/findings'],
  ['changes', '/weft/v1/changes'],
  ['traffic', '/weft/v1/traffic?window=10m&reporter=all'],
  ['service-levels', '/weft/v1/servicelevels'],
];

async function documents(client: ApiClient, missing: string[]): Promise<TarFile[]> {
  const files: TarFile[] = [];
  let proxies: readonly ProxyDocument[] = [];
  for (const [file, target] of DOCUMENTS) {
    const answer = await client.call('GET', target);
    if (!answer.ok) missing.push(`${file}: ${answer.error.message}`);
    else {
      files.push(yaml(file, answer.value));
      if (file === 'proxies') proxies = (answer.value as unknown as ProxiesDocument).proxies;
    }
  }
  const wanted = proxies
    .filter(({ connected }) => connected)
    .toSorted((a, b) => Number(a.state === 'synced') - Number(b.state === 'synced'));
  if (wanted.length > CONFIGURATIONS) missing.push(`configurations of ${wanted.length - CONFIGURATIONS} more proxies`);
  for (const { namespace, name } of wanted.slice(0, CONFIGURATIONS)) {
    const answer = await client.call('GET', `/weft/v1/proxies/${namespace}/${name}/config`);
    if (answer.ok) files.push(yaml(`configurations/${`${namespace}.${name}`.slice(0, 40)}`, answer.value));
    else missing.push(`configuration of ${namespace}/${name}: ${answer.error.message}`);
  }
  return files;
}

/** Every kind; of Secrets the control plane tells no value. */
async function objects(client: ApiClient, missing: string[]): Promise<TarFile[]> {
  const files: TarFile[] = [];
  for (const kind of KINDS) {
    const answer = await client.list({ kind, namespace: '' });
    if (!answer.ok) missing.push(`${kind.plural}: ${answer.error.message}`);
    else if (answer.value.items.length > 0) files.push(yaml(`objects/${kind.plural}`, answer.value.items));
  }
  return files;
}

const readme = (files: readonly TarFile[], missing: readonly string[]): string =>
  [
    `A report of weft ${WEFT_VERSION}. Private keys, tokens, passwords and the values of headers and fields that are named like one are [redacted].`,
    'It holds names, addresses, policies and who talks to whom: hand it to those only who may know that.',
    '',
    ...files.map(({ name }) => name),
    ...missing.map((text) => `missing: ${text}`),
    '',
  ].join('\n');
