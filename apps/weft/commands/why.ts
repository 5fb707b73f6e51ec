/** `weft why REQUEST-ID`: a request that happened: what each proxy on its way told, who decided, where that is written, and what `explain` says. */
import type { Keeping, WhyDocument } from '@weft/core/documents';
import { formatDuration } from '@weft/core/kernel';
import { TAP_TEXT } from '@weft/core/tap';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { systemWallClock } from '../clocks.ts';
import { EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';

export interface WhyFlags extends ClientFlags {
  readonly output?: string;
}

/** Exit code 1: nothing is kept of that request. */
export async function why(flags: WhyFlags, [given = '']: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const id = given.trim();
  if (id === '' || id.length > TAP_TEXT)
    throw new UsageError(`a request id is 1 to ${TAP_TEXT} characters, as x-request-id has it`);
  const client = connect(flags);
  try {
    const body = (await orFail(
      client.call('GET', `/weft/v1/why?id=${encodeURIComponent(id)}`),
    )) as unknown as WhyDocument;
    if (format === 'json') process.stdout.write(toJson(body));
    else process.stdout.write(body.hops.length === 0 ? notKept(body) : whyText(body));
    return body.hops.length === 0 ? EXIT_REFUSED : EXIT_OK;
  } finally {
    client.close();
  }
}

function notKept({ requestId, keeping }: WhyDocument): string {
  if (keeping === null) return `${requestId}: this control plane keeps no requests (\`weft up --no-requests\`)\n`;
  return `${requestId}: nothing is kept of it that you may see\n${keptText(keeping)}`;
}

/** What an answer can rest on. */
export function keptText({ since, requests, telling, oldest, told, missed }: Keeping): string {
  const now = systemWallClock.now();
  const ago = (time: number): string => formatDuration(Math.max(1000, Math.round((now - time) / 1000) * 1000));
  return [
    `kept: ${requests} requests${oldest === 0 ? '' : `, the oldest of ${ago(oldest)} ago`}; ${telling} of them refused or failed`,
    `      since ${ago(since)} proxies told of about ${told}; of those that pass each keeps a sample, at most 20 a second${
      missed === 0 ? '' : `; ${missed} more refusals and failures were too many`
    }`,
    '',
  ].join('\n');
}

function whyText({ requestId, hops, decision, unanswered }: WhyDocument): string {
  const lines = [requestId, ''];
  for (const { text } of hops) lines.push(...text.split('\n'), '');
  if (decision === null) lines.push(`What the configuration says to it cannot be told: ${unanswered}`);
  else {
    const { of, revision, changed, agrees, unsure } = decision;
    lines.push(
      of === 'now'
        ? 'The configuration of that moment is known no more. By that of NOW:'
        : `By the configuration of that moment${revision === null ? ' (it holds still)' : ` (revision ${revision})`}${changed === '' ? '' : `; ${changed}`}:`,
      ...decision.text
        .trimEnd()
        .split('\n')
        .map((line) => (line === '' ? '' : `  ${line}`)),
    );
    if (!agrees)
      lines.push(
        '',
        'This is NOT what happened. What may count and is not known here: health and limits at that time, whether the change had reached the proxies,',
        `${unsure.join(', ')}.`,
      );
    else if (unsure.length > 0) lines.push('', `not kept, and not asked about: ${unsure.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}
