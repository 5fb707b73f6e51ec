/** `weft up`: the control plane in the foreground; one line when it is ready. TERM and INT end it; proxies keep what they have. */
import path from 'node:path';
import v8 from 'node:v8';
import { parseSignerAddress } from '@weft/control/authority';
import { ApiClient } from '@weft/control/api/client';
import { formatDiagnostic } from '@weft/core/kernel';
import { controlSocket, dataFolder } from '../cli/data-folder.ts';
import { systemMonotonicClock } from '../clocks.ts';
import { formatHostPort, parseHostPort } from '../control-plane/addresses.ts';
import { ControlPlane, type ControlPlaneOptions } from '../control-plane/control-plane.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';
import { FileApplier } from '../files/watch-files.ts';
import { processLog } from '../log.ts';
import { WEFT_VERSION } from '../version.ts';

export interface UpFlags {
  readonly data?: string;
  readonly listen: string;
  readonly apply?: readonly string[];
  readonly prometheus?: string;
  readonly requests: boolean;
  readonly alertWebhook?: string;
  readonly trustDomain?: string;
  readonly issuerFiles?: string;
  readonly signer?: string;
  readonly bundleEndpoint?: string;
  readonly bundleCert?: string;
  readonly bundleKey?: string;
}

/**
 * V8 keeps every page that its heap ever had for the next time it is needed, until a collection that is to reduce memory; under a steady load it
 * makes none by itself. With this flag each full collection is one (docs/performance.md). Set here and not on the command line, where it would
 * also take the young generation down to 1 MB.
 */
function giveFreePagesBack(): void {
  v8.setFlagsFromString('--optimize-for-size');
}

export async function up(flags: UpFlags): Promise<number> {
  giveFreePagesBack();
  const listen = parseHostPort(flags.listen);
  if (listen === undefined) throw new UsageError(`--listen takes HOST:PORT, not '${flags.listen}'`);
  const folder = dataFolder(flags.data);
  const log = processLog('control-plane');
  const { prometheus, alertWebhook } = flags;
  for (const [name, url] of [
    ['--prometheus', prometheus],
    ['--alert-webhook', alertWebhook],
  ] as const)
    if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new UsageError(`${name} takes an http or https URL, not '${url}'`);
  const signer = flags.signer === undefined ? undefined : parseSignerAddress(flags.signer);
  if (flags.signer !== undefined && signer === undefined)
    throw new UsageError(`--signer takes exec:/FILE ARG..., unix:/PATH or https://HOST/PATH, not '${flags.signer}'`);
  const plane = new ControlPlane({
    folder,
    listen,
    log,
    prometheus,
    requests: flags.requests,
    trustDomain: trustDomainOf(flags),
    issuerFiles: flags.issuerFiles,
    signer,
    bundleEndpoint: bundleEndpointOf(flags),
    alertWebhook,
  });
  const ended = endSignal();
  await plane.start();
  const client = new ApiClient({ socketPath: controlSocket(folder) }, systemMonotonicClock);
  const files = new FileApplier({
    client,
    paths: (flags.apply ?? []).map((file) => path.resolve(file)),
    clock: systemMonotonicClock,
    onWaiting: (file, objects) =>
      log.info('no longer in the files: deleted unless they change within 2 s', { file, objects: objects.join(', ') }),
    onApplied: (texts) => log.info('applied', { objects: texts.join(', ') }),
    onDiagnostics: (_file, diagnostics) => {
      for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
    },
  });
  try {
    if (!(await files.start()))
      throw new CommandError('the files of --apply have errors', 'Correct them and start again.');
    process.stdout.write(
      `weft ${WEFT_VERSION} is ready: ${formatHostPort({ host: listen.host, port: plane.port })}, data in ${folder}\n`,
    );
    await ended;
  } finally {
    await files.stop();
    client.close();
    await plane.stop();
  }
  return EXIT_OK;
}

function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function trustDomainOf({ trustDomain: name }: UpFlags): string | undefined {
  if (name !== undefined && !(name.length < 256 && /^[a-z0-9._-]+$/.test(name)))
    throw new UsageError(
      `--trust-domain takes at most 255 lower-case letters, digits, '.', '-' and '_', not '${name}'`,
    );
  return name;
}

function bundleEndpointOf({ bundleEndpoint, bundleCert, bundleKey }: UpFlags): ControlPlaneOptions['bundleEndpoint'] {
  if ((bundleCert === undefined) !== (bundleKey === undefined))
    throw new UsageError('--bundle-cert and --bundle-key go together');
  if (bundleEndpoint === undefined) {
    if (bundleCert !== undefined) throw new UsageError('--bundle-cert goes with --bundle-endpoint');
    return undefined;
  }
  const listen = parseHostPort(bundleEndpoint);
  if (listen === undefined) throw new UsageError(`--bundle-endpoint takes HOST:PORT, not '${bundleEndpoint}'`);
  const files =
    bundleCert === undefined || bundleKey === undefined ? undefined : { certificate: bundleCert, key: bundleKey };
  return { listen, files };
}
