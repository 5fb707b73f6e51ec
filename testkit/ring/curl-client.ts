/** curl: many requests one after the other in one process, so that its connection is used again. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toolPath } from '../tools/index.ts';
import { type AnswerClient, type Asked, type Asking, cut, type Got } from './answer-clients.ts';
import type { Field } from './payload.ts';

export function curlClient(
  version: '--http1.1' | '--http2-prior-knowledge',
  { port, patience }: Asking,
  folder: string,
): AnswerClient {
  let turn = 0;
  return {
    name: version === '--http1.1' ? 'curl' : 'curl, HTTP/2',
    async ask(asked) {
      turn += 1;
      const home = path.join(folder, `curl${version}-${turn}`);
      mkdirSync(home);
      const config = asked.map(({ index, method }, at) =>
        [
          ...(version === '--http1.1'
            ? [`url = "http://127.0.0.1:${port}/${index}"`]
            : // curl 7.88 fails where it uses such a connection twice: another name is another connection.
              [`url = "http://r${index}.test:${port}/${index}"`, `connect-to = "::127.0.0.1:${port}"`]),
          `output = "${home}/${at}.body"`,
          `dump-header = "${home}/${at}.head"`,
          `write-out = "${at} %{exitcode}\\n"`,
          'header = "Host: ring.test"',
          `max-time = ${patience / 1000}`,
          ...(method === 'HEAD' ? ['head'] : []),
          'silent',
          version.slice(2),
        ].join('\n'),
      );
      writeFileSync(path.join(home, 'config'), config.join('\nnext\n'));
      const out = await new Promise<string>((resolve) => {
        execFile(toolPath('curl'), ['--disable', '-K', path.join(home, 'config')], (_, stdout) => resolve(stdout));
      });
      const codes = new Map(
        out
          .trim()
          .split('\n')
          .map((line) => line.split(' ').map(Number) as [number, number]),
      );
      const got = asked.map((one, at) => gotOf(one, home, at, codes.get(at) ?? -1));
      rmSync(home, { recursive: true });
      return got;
    },
    stop: async () => {},
  };
}

function gotOf({ method }: Asked, home: string, at: number, code: number): Got {
  const read = (name: string): string => {
    try {
      return readFileSync(path.join(home, `${at}.${name}`), 'latin1');
    } catch {
      return '';
    }
  };
  const head =
    read('head')
      .split('\r\n\r\n')
      .findLast((block) => /^HTTP\/\S+ [^1]/.test(block)) ?? '';
  const [line = '', ...lines] = head.split('\r\n');
  const fields = lines.map((one): Field => {
    const colon = one.indexOf(':');
    return [one.slice(0, colon).toLowerCase(), one.slice(colon + 1).trim()];
  });
  if (code !== 0) return cut(`curl's exit code ${code}`, fields);
  const body = method === 'HEAD' ? '' : read('body');
  return { kind: 'answer', status: Number(line.split(' ')[1] ?? 0), fields, body, text: line };
}
