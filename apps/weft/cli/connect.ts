/** The API client of a command: over the Unix socket of the control plane on this host, or over TLS with a token to one elsewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { ApiClient, type ClientError } from '@weft/control/api/client';
import { formatDiagnostic } from '@weft/core/kernel';
import { systemMonotonicClock } from '../clocks.ts';
import { parseHostPort } from '../control-plane/addresses.ts';
import { CommandError, UsageError } from '../errors.ts';
import { controlSocket, dataFolder } from './data-folder.ts';

export interface ClientFlags {
  readonly data?: string;
  readonly controlPlane?: string;
  readonly token?: string;
  readonly ca?: string;
}

export function connect(flags: ClientFlags, env: NodeJS.ProcessEnv = process.env): ApiClient {
  if (flags.controlPlane === undefined) {
    const socketPath = controlSocket(dataFolder(flags.data, env));
    if (!existsSync(socketPath)) {
      throw new CommandError(
        `no control plane runs on this host with the data folder ${dataFolder(flags.data, env)}`,
        'Start one with `weft up`, or name it with --data or --control-plane.',
      );
    }
    return new ApiClient({ socketPath }, systemMonotonicClock);
  }
  const address = parseHostPort(flags.controlPlane);
  if (address === undefined || address.port === 0)
    throw new UsageError(`--control-plane takes HOST:PORT, not '${flags.controlPlane}'`);
  const token = flags.token ?? env.WEFT_TOKEN;
  const ca = flags.ca ?? env.WEFT_CA;
  if (token === undefined || ca === undefined)
    throw new UsageError('--control-plane needs --token (or WEFT_TOKEN) and --ca (or WEFT_CA)');
  try {
    return new ApiClient({ ...address, token, roots: readFileSync(ca, 'utf8') }, systemMonotonicClock);
  } catch (error) {
    throw new CommandError(
      `--ca: ${error instanceof Error ? error.message : String(error)}`,
      'Name a copy of authority/root.pem of the control plane’s data folder.',
    );
  }
}

/** A refusal of the API as the command's error: every cause with its field. */
export function failure(error: ClientError): CommandError {
  if (error.code !== 'refused')
    return new CommandError(error.message, 'Is the control plane running? `weft check` says more.');
  const causes = error.status.details?.causes ?? [];
  const lines = causes.map(({ field, message }) =>
    formatDiagnostic({ severity: 'error', code: 'refused', message: message ?? '', place: { path: field } }),
  );
  return new CommandError(
    [error.status.message ?? error.message, ...(causes.length > 1 ? lines.map((line) => `  ${line}`) : [])].join('\n'),
  );
}

/** The value of an answer, or the command's error. */
export async function orFail<T>(
  answer: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ClientError }>,
): Promise<T> {
  const result = await answer;
  if (!result.ok) throw failure(result.error);
  return result.value;
}
