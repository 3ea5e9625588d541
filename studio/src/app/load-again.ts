// A browser may give up on a file of a page, as on connections that end under it. A page that misses one is loaded anew, once.
const mark = 'postern-loaded-again';
const shortMs = 10_000;

/** Watches for files that could not be fetched. A second failure within 10 s is shown instead. */
export const watchForMissingFiles = (): void => {
  window.addEventListener('vite:preloadError', () => {
    const last = Number(sessionStorage.getItem(mark) ?? 0);
    if (Date.now() - last < shortMs) return;
    sessionStorage.setItem(mark, String(Date.now()));
    location.reload();
  });
};
