/** The frame: navigation, the page that the address names, keys. */
import { h, render, type ComponentChildren as Child } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AskPage } from './pages/ask.ts';
import { CertificatesPage } from './pages/certificates.ts';
import { GraphPage } from './pages/graph.ts';
import { RoutePage, RoutesPage, ServicePage, ServicesPage, WorkloadPage, WorkloadsPage } from './pages/lists.ts';
import { ChangesPage, FindingsPage } from './pages/news.ts';
import { LevelsPage } from './pages/levels.ts';
import { ObjectPage, ObjectsPage } from './pages/objects.ts';
import { ProxiesPage, ProxyPage } from './pages/proxies.ts';
import { RequestPage, RequestsPage } from './pages/requests.ts';
import { TapPage } from './pages/tap.ts';
import { WhatIfPage } from './pages/what-if.ts';
import { TracePage, TracesPage } from './pages/traces.ts';
import { type Address, useAddress } from './route.ts';
import { SignIn } from './sign-in.ts';

interface Place {
  readonly name: string;
  readonly title: string;
  /** Pressed after `g`. */
  readonly letter: string;
}

const PLACES: readonly Place[] = [
  { name: '', title: 'Graph', letter: 'g' },
  { name: 'services', title: 'Services', letter: 's' },
  { name: 'workloads', title: 'Workloads', letter: 'w' },
  { name: 'routes', title: 'Routes', letter: 'r' },
  { name: 'traces', title: 'Traces', letter: 't' },
  { name: 'proxies', title: 'Proxies', letter: 'p' },
  { name: 'certificates', title: 'Certificates', letter: 'i' },
  { name: 'objects', title: 'Objects', letter: 'o' },
  { name: 'levels', title: 'Service levels', letter: 'l' },
  { name: 'findings', title: 'Findings', letter: 'f' },
  { name: 'changes', title: 'Changes', letter: 'c' },
  { name: 'requests', title: 'Requests', letter: 'q' },
  { name: 'ask', title: 'Ask', letter: 'a' },
  { name: 'what-if', title: 'What if?', letter: 'h' },
];

function pageOf(address: Address): Child {
  const [first = '', ...rest] = address.parts;
  const one = rest.length > 0;
  switch (first) {
    case '':
      return h(GraphPage, { address });
    case 'services':
      return one ? h(ServicePage, { address, key: location.hash.split('?')[0] }) : h(ServicesPage, {});
    case 'workloads':
      return one ? h(WorkloadPage, { address, key: location.hash.split('?')[0] }) : h(WorkloadsPage, {});
    case 'routes':
      return one ? h(RoutePage, { address, key: location.hash.split('?')[0] }) : h(RoutesPage, {});
    case 'traces':
      return one ? h(TracePage, { address }) : h(TracesPage, { address });
    case 'proxies':
      return one ? h(ProxyPage, { address }) : h(ProxiesPage, {});
    case 'certificates':
      return h(CertificatesPage, {});
    case 'objects':
      return one ? h(ObjectPage, { address }) : h(ObjectsPage, { address });
    case 'levels':
      return h(LevelsPage, {});
    case 'findings':
      return h(FindingsPage, {});
    case 'changes':
      return h(ChangesPage, {});
    case 'requests':
      return one ? h(RequestPage, { address }) : h(RequestsPage, {});
    case 'ask':
      return h(AskPage, { address });
    case 'what-if':
      return h(WhatIfPage, {});
    case 'tap':
      return h(TapPage, { address });
    default:
      return h('p', { class: 'problem' }, 'There is no such page.');
  }
}

function App(): Child {
  const address = useAddress();
  const [first = ''] = address.parts;
  const [out, setOut] = useState(false);
  useEffect(() => {
    const leave = (): void => setOut(true);
    addEventListener('weft-signed-out', leave);
    return () => removeEventListener('weft-signed-out', leave);
  }, []);
  useEffect(() => {
    const place = PLACES.find(({ name }) => name === first);
    // On a narrow screen the pages are one line that scrolls.
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    document.title = `${address.parts.length > 1 ? address.parts.slice(1).join('/') : (place?.title ?? 'Weft')} · Weft`;
  }, [address]);
  useEffect(() => {
    let before = '';
    const press = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (typing || ctrlKey || metaKey || altKey) return;
      const place = before === 'g' ? PLACES.find(({ letter }) => letter === key) : undefined;
      before = key;
      if (place !== undefined) location.hash = `#/${place.name}`;
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  if (out) return h(SignIn, { onDone: () => setOut(false) });
  return h(
    'div',
    { class: 'frame' },
    h('a', { class: 'skip', href: '#main', onClick: skip }, 'Skip to the page'),
    h(
      'nav',
      { 'aria-label': 'Pages' },
      h('span', { class: 'brand' }, 'weft'),
      PLACES.map(({ name, title, letter }) =>
        h(
          'a',
          {
            href: `#/${name}`,
            'aria-current': first === name ? 'page' : undefined,
            title: `${title} (g, then ${letter})`,
          },
          title,
        ),
      ),
    ),
    h('main', { id: 'main', tabIndex: -1 }, pageOf(address)),
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

const root = document.getElementById('app');
if (root !== null) render(h(App, {}), root);
