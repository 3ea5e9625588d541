import { createContext, useContext } from 'react';
import type { useTheme } from './theme.ts';

/** The theme in force, for the button that changes it. */
export const ThemeContext = createContext<Pick<ReturnType<typeof useTheme>, 'isDark' | 'toggle'>>({
  isDark: false,
  toggle: () => {},
});

/** Whether it is dark, and a way to change it. */
export const useThemeChoice = () => useContext(ThemeContext);
