/** The sign of Postern. Drawn with the page, so that it does not come later. */
export const Mark = () => (
  <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
    <path fill="var(--colorBrandForeground1)" d="M2 3h3v2h3V3h3v2h2V3h3v2h3V3h3v18h-6v-6a4 4 0 0 0-8 0v6H2z" />
  </svg>
);
