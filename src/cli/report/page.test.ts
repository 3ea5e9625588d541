import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reachability, ShownDecision } from '../network-shape.ts';
import { html } from './markup.ts';
import { reportPage } from './page.ts';

const hostile = `<script>alert(1)</script>"'><img src=https://evil.example/x onerror=alert(2)>\u202e`;

const told = (sealed: boolean | undefined, words: string): Reachability => ({
  factory: `/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/${words}`,
  at: words,
  snapshotVersion: 7,
  networks: [
    {
      network: 'net',
      title: words,
      kind: 'managed',
      egress: { mode: 'None', audit: false, hosts: [] },
      says: words,
      endpoints: [{ id: words, name: words, state: words, resourceId: words, groupId: words, description: words }],
    },
  ],
  runtimes: [{ name: words, network: 'net' }],
  matrix: [
    {
      runtime: words,
      network: 'net',
      host: words,
      port: 443,
      resourceId: words,
      groupId: words,
      verdict: 'denied',
      code: words,
      message: words,
      remedy: words,
      state: words,
    },
  ],
  ...(sealed !== undefined && {
    sealed,
    probes: [
      {
        network: 'net',
        title: words,
        worker: words,
        sealed,
        reasons: sealed ? [] : [words],
        agrees: sealed,
        attempts: 1,
        asExpected: 0,
        leaks: 1,
        untried: 0,
        evidence: [
          {
            category: words,
            what: words,
            expected: 'closed',
            expectedCode: words,
            seen: words,
            detail: words,
            gateway: { code: words, message: words },
            outcome: words,
          },
        ],
      },
    ],
  }),
});
const decisions = (words: string): ShownDecision[] => [
  {
    at: words,
    decision: words,
    from: null,
    to: words,
    by: { name: words },
    reason: words,
    connection: { name: words, target: words, groupId: words, endpoint: words },
  },
];

test('whatever others wrote stays text: no tag, attribute or script comes of it', () => {
  const page = reportPage(told(false, hostile), decisions(hostile));
  const plain = reportPage(told(false, 'x'), decisions('x'));
  const tags = (text: string) => text.match(/<\/?[a-z!][^>]*>/g)?.map((tag) => tag.replaceAll(/="[^"]*"/g, '')) ?? [];
  assert.deepEqual(tags(page), tags(plain), 'the same tags as with harmless words');
  assert.ok(page.includes('&lt;script&gt;alert(1)'));
  assert.ok(!page.includes('\u202e') && page.includes('\\u202e'), 'what turns text round is shown as what it is');
});

test('a report stands alone: no scripts, no forms, nothing that is loaded from anywhere', () => {
  const page = reportPage(told(true, 'x'), []);
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'/);
  assert.doesNotMatch(page, /<(script|link|img|iframe|form|object|a)\b|\b(src|href)=|url\(|@import|https?:/i);
});

test('the banner says sealed, not proved or not probed, and never the one for the other', () => {
  const banner = (sealed?: boolean) => /<strong>(.*?)<\/strong>/.exec(reportPage(told(sealed, 'x'), []))?.[1];
  assert.deepEqual(
    [banner(true), banner(false), banner()],
    ['✔ Sealed, but for what the rules admit', '✘ Not proved to be sealed', 'Not probed'],
  );
});

test('a template escapes what is put into it, unless a template made it', () => {
  assert.equal(
    html`<p title="${`"'&`}">${'<b>'}${[html`<i>${1}</i>`]}</p>`.markup,
    '<p title="&quot;&#39;&amp;">&lt;b&gt;<i>1</i></p>',
  );
});

test('what the rules admit stands beside the verdict', () => {
  const open = told(true, 'x');
  const says = 'Any public host by its name on TCP port 443';
  open.networks[0]!.egress.mode = 'Https';
  open.networks[0]!.says = says;
  const bannerOf = (page: string) => /<div class="banner.*?<\/div>/s.exec(page)![0];
  assert.ok(bannerOf(reportPage(open, [])).includes(says));
});
