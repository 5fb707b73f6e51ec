/** The dashboard's files with what HTTP says of them. Read once, kept in memory. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { browserFiles } from './browser-files.ts';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** By path below the dashboard's root; '' is its page. */
export function dashboardAssets(): ReadonlyMap<string, Asset> {
  const assets = new Map([...browserFiles()].map(([file, text]) => [file, asset(file, text)]));
  const page = assets.get('index.html');
  if (page !== undefined) assets.set('', page);
  return assets;
}

function asset(name: string, text: string): Asset {
  const body = Buffer.from(text);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type: TYPES[path.extname(name)] ?? 'text/plain', body, etag };
}
