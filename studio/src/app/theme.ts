// Light and dark: what the machine says, until somebody says otherwise.
import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components';
import { useEffect, useState } from 'react';

// A calm blue green, dark enough in the middle for white text upon it.
const brand: BrandVariants = {
  10: '#020606',
  20: '#0b1d20',
  30: '#0d3036',
  40: '#0f3e46',
  50: '#104c56',
  60: '#105b66',
  70: '#0f6a77',
  80: '#0c7a89',
  90: '#2b8896',
  100: '#4796a3',
  110: '#61a4b0',
  120: '#7bb3bc',
  130: '#94c1c9',
  140: '#aed0d6',
  150: '#c8dfe3',
  160: '#e3eff1',
};

const fonts = {
  fontFamilyBase: "'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "'Cascadia Mono', ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
} as const;

const light: Theme = {
  ...createLightTheme(brand),
  ...fonts,
  colorBrandForegroundLink: brand[70],
  // Read also on the ground of a chosen row.
  colorStatusWarningForeground3: '#943906',
};
const dark: Theme = {
  ...createDarkTheme(brand),
  ...fonts,
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[130],
  colorBrandForegroundLinkHover: brand[140],
  colorStatusDangerBackground1: '#2a1a1c',
  colorStatusDangerBorder1: '#6e3a40',
  colorNeutralBackground1: '#1d2123',
  colorNeutralBackground2: '#191c1e',
  colorNeutralBackground3: '#151819',
};

type Choice = 'light' | 'dark';

const place = 'postern.theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const chosen = (): Choice | null => {
  const kept = localStorage.getItem(place);
  return kept === 'light' || kept === 'dark' ? kept : null;
};

/** The theme, whether it is the dark one, and a way to change it. */
export const useTheme = (): { theme: Theme; isDark: boolean; toggle(): void } => {
  const [choice, setChoice] = useState<Choice | null>(chosen);
  const [isSystemDark, setSystemDark] = useState(system.matches);
  useEffect(() => {
    const follow = () => setSystemDark(system.matches);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);
  const isDark = choice === null ? isSystemDark : choice === 'dark';
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  }, [isDark]);
  return {
    theme: isDark ? dark : light,
    isDark,
    toggle: () => {
      const next = isDark ? 'light' : 'dark';
      localStorage.setItem(place, next);
      setChoice(next);
    },
  };
};
