// What T-SQL does and the engine does not by itself, as macros of the engine. They lie in a schema that no name of a
// client's can reach, and are written anew whenever a database is opened.

const fraction = String.raw`\.\d{6}[1-9]`;
const noTicks = (text: string) => `error('~40517~' || left(${text}, 40))`;

import { macroCosts } from './expansion.ts';

/** Bytes, as of a message. */
const largestText = 64 * 1024 * 1024;

const macros: readonly string[] = [
  `divisor(x) AS CASE WHEN x = 0 THEN error('~8134~') ELSE x END`,
  `fit_text(x, n, t, c) AS CASE WHEN strlen(x) > n THEN error('~2628~' || t || '~' || c || '~' || left(x, least(n, 100))) ELSE x END`,
  `fit_units(x, n, t, c) AS CASE WHEN strlen(x) > n AND length(x) + length(regexp_replace(x, '[^\\x{10000}-\\x{10FFFF}]', '', 'g')) > n THEN error('~2628~' || t || '~' || c || '~' || left(x, least(n, 100))) ELSE x END`,
  `fit_bytes(x, n, t, c) AS CASE WHEN octet_length(x) > n THEN error('~2628~' || t || '~' || c || '~' || left(hex(x), 100)) ELSE x END`,
  `cut_bytes(x, n) AS x[1:n]`,
  // As many whole characters as fit into n bytes.
  `cut_text(x, n) AS CASE WHEN strlen(x) <= n THEN x ELSE left(x, list_max(list_filter(range(0, n + 1), lambda i: strlen(left(x, CAST(i AS INTEGER))) <= n))) END`,
  `cut_units(x, n) AS CASE WHEN strlen(x) <= n THEN x ELSE left(x, list_max(list_filter(range(0, n + 1), lambda i: length(left(x, CAST(i AS INTEGER))) + length(regexp_replace(left(x, CAST(i AS INTEGER)), '[^\\x{10000}-\\x{10FFFF}]', '', 'g')) <= n))) END`,
  `offset_minutes(o) AS CASE WHEN left(o, 1) = '-' THEN -1 ELSE 1 END * (CAST(substr(o, 2, 2) AS INTEGER) * 60 + CAST(right(o, 2) AS INTEGER))`,
  `local_of(k) AS CAST(left(k, 26) AS TIMESTAMP) + to_minutes(__postern.offset_minutes(right(k, 6)))`,
  `shown_offset(k, s) AS left(strftime(__postern.local_of(k), '%Y-%m-%d %H:%M:%S.%f') || substr(k, 27, 1), CASE WHEN s = 0 THEN 19 ELSE 20 + s END) || ' ' || right(k, 6)`,
  `at_zero(m) AS strftime(m, '%Y-%m-%d %H:%M:%S.%f') || '0Z+00:00'`,
  `read_moment(x) AS CASE
     WHEN regexp_matches(x, '${fraction}') THEN ${noTicks('x')}
     WHEN regexp_full_match(trim(x), '\\d{8}') THEN strptime(trim(x), '%Y%m%d')
     WHEN regexp_full_match(trim(x), '\\d{8}[ T]\\d.*') THEN CAST(strptime(left(trim(x), 8), '%Y%m%d') AS DATE) + CAST(substr(trim(x), 10) AS TIME)
     WHEN regexp_full_match(trim(x), '\\d{1,2}/\\d{1,2}/\\d{4}') THEN strptime(trim(x), '%m/%d/%Y')
     WHEN regexp_full_match(trim(x), '\\d{1,2}:.*') THEN DATE '1900-01-01' + CAST(trim(x) AS TIME)
     WHEN trim(x) = '' THEN TIMESTAMP '1900-01-01'
     ELSE CAST(trim(x) AS TIMESTAMP) END`,
  `try_moment(x) AS CASE
     WHEN regexp_matches(x, '${fraction}') THEN ${noTicks('x')}
     WHEN regexp_full_match(trim(x), '\\d{8}') THEN try_strptime(trim(x), '%Y%m%d')
     WHEN regexp_full_match(trim(x), '\\d{1,2}/\\d{1,2}/\\d{4}') THEN try_strptime(trim(x), '%m/%d/%Y')
     WHEN regexp_full_match(trim(x), '\\d{1,2}:.*') THEN DATE '1900-01-01' + TRY_CAST(trim(x) AS TIME)
     ELSE TRY_CAST(trim(x) AS TIMESTAMP) END`,
  `read_date(x) AS CAST(__postern.read_moment(regexp_replace(x, '${fraction}', '')) AS DATE)`,
  `read_time(x) AS CAST(__postern.read_moment(x) AS TIME)`,
  `read_offset(x) AS __postern.at_offset(
     __postern.read_moment(regexp_replace(trim(x), '\\s*([Zz]|[+-]\\d\\d:\\d\\d)$', '')),
     coalesce(nullif(regexp_extract(trim(x), '([+-]\\d\\d:\\d\\d)$', 1), ''), '+00:00'))`,
  `at_offset(m, o) AS strftime(m - to_minutes(__postern.offset_minutes(o)), '%Y-%m-%d %H:%M:%S.%f') || '0Z' || o`,
  `old_datetime(m) AS strftime(m, '%b ') || lpad(strftime(m, '%-d'), 2, ' ') || strftime(m, ' %Y ') || lpad(strftime(m, '%-I'), 2, ' ') || strftime(m, ':%M%p')`,
  `part_of(x, s, n) AS substring(x, greatest(s, 1), greatest(n + least(s - 1, 0), 0))`,
  `part_of_bytes(x, s, n) AS x[greatest(s, 1):greatest(s, 1) + n - 1]`,
  `stuffed(x, s, n, y) AS CASE WHEN s < 1 OR s > length(x) OR n < 0 THEN NULL ELSE left(x, s - 1) || coalesce(y, '') || substr(x, s + n) END`,
  `place_of(p, x, s) AS CASE
     WHEN s <= 1 THEN instr(lower(x), lower(p))
     WHEN instr(lower(substr(x, s)), lower(p)) = 0 THEN 0
     ELSE instr(lower(substr(x, s)), lower(p)) + s - 1 END`,
  // What the engine makes of a text in one go is not counted by its limit of memory.
  // In a list, so that it is named once: texts are replaced within texts many times over.
  `replaced(x, o, n) AS list_transform([x], lambda v: CASE
     WHEN strlen(n) > strlen(o) AND CAST(strlen(v) AS HUGEINT) * strlen(n) > ${largestText} * greatest(strlen(o), 1) THEN error('~701~')
     ELSE replace(v, o, n) END)[1]`,
  `repeated(x, n) AS CASE WHEN n >= 0 THEN repeat(x, LEAST(n, 8000)) END`,
  `character(n) AS CASE WHEN n BETWEEN 0 AND 255 THEN chr(n) END`,
  `week_of(m) AS CAST(strftime(m, '%U') AS INTEGER) + CASE WHEN dayofweek(date_trunc('year', m)) = 0 THEN 0 ELSE 1 END`,
  `rounded(x, d, cuts) AS CASE WHEN cuts = 0 THEN round(x, d) ELSE trunc(x * power(10, d)) / power(10, d) END`,
  // A pattern that is known only with its row; `e` is the escape character, or ''.
  `is_like(x, p, e) AS regexp_full_match(x, '(?si)' || array_to_string(list_transform(
     regexp_extract_all(p, '(?s)' || CASE WHEN e = '' THEN '' ELSE regexp_escape(e) || '.|' END || '.'),
     lambda t: CASE WHEN t = '%' THEN '.*' WHEN t = '_' THEN '.' ELSE regexp_escape(right(t, 1)) END), ''))`,
  `sunday_of(m) AS date_trunc('week', CAST(m AS DATE) + 1) - to_days(1)`,
];

// A macro that calls another must come after it.
const order = [...macros].sort(
  (one, other) => Number(one.startsWith('read_offset')) - Number(other.startsWith('read_offset')),
);

/** What each macro costs that a statement may call, by its name as statements have it; one is the engine's own. */
export const costs = macroCosts([
  'nullif(a, b) AS CASE WHEN a = b THEN NULL ELSE a END',
  ...order.map((one) => `__postern.${one}`),
]);

/** The statements that make the macros and the tables of this server's own. */
export const foundation: readonly string[] = [
  'CREATE SCHEMA IF NOT EXISTS __postern',
  'CREATE SCHEMA IF NOT EXISTS dbo',
  'CREATE SEQUENCE IF NOT EXISTS __postern.object_id START 1000001',
  `CREATE TABLE IF NOT EXISTS __postern.module (
     schema_name VARCHAR, name VARCHAR, object_id BIGINT, definition VARCHAR, created VARCHAR)`,
  ...order.map((one) => `CREATE OR REPLACE MACRO __postern.${one}`),
];
