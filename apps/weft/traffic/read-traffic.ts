/** The live table of the control plane, once or again and again. */
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { EXIT_OK } from '../errors.ts';
import type { TrafficDocument } from '@weft/core/documents';
import { formatDuration, parseDuration } from '@weft/core/kernel';
import { UsageError } from '../errors.ts';

export interface TrafficFlags extends ClientFlags {
  readonly window?: string;
  readonly watch?: boolean;
}

/** ms between two looks of `--watch`. */
const PACE = 1000;

/** Calls `show` with what the last `--window` (default 1m) holds: once, or each second until the process is told to end. */
export async function withTraffic(
  flags: TrafficFlags,
  show: (document: TrafficDocument) => string,
  reporter: 'once' | 'all' = 'once',
): Promise<number> {
  const window = parseDuration(flags.window ?? '1m');
  if (window === undefined)
    throw new UsageError(`--window takes a duration like 30s or 5m, not '${flags.window ?? ''}'`);
  const client = connect(flags);
  const path = `/weft/v1/traffic?window=${formatDuration(window)}&reporter=${reporter}`;
  try {
    for (;;) {
      const document = (await orFail(client.call('GET', path))) as unknown as TrafficDocument;
      draw(show(document), flags.watch === true);
      if (flags.watch !== true) return EXIT_OK;
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  } finally {
    client.close();
  }
}

/** In place of what was there, on a terminal that is watched; else one after the other. */
export function draw(text: string, again: boolean): void {
  process.stdout.write(again && process.stdout.isTTY ? `\u001b[H\u001b[J${text}` : text);
}
