/** The address of a page: `#/workloads/shop/orders?span=1h`. Every page can be linked to. */
import { useEffect, useState } from 'preact/hooks';

export interface Address {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#\/?/, '');
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  return {
    parts: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function useAddress(): Address {
  const [address, setAddress] = useState(() => parseAddress(location.hash));
  useEffect(() => {
    const follow = (): void => setAddress(parseAddress(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
}

/** Changes what comes behind the question mark of this page's address, in place. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { query } = parseAddress(location.hash);
  const [path = '#/'] = location.hash.split('?');
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, '', text === '' ? path || '#/' : `${path || '#/'}?${text}`);
  dispatchEvent(new Event('hashchange'));
}
