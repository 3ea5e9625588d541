// Every page and its address. Pages are loaded when they are opened.
import type { RouteObject } from 'react-router';
import { HomePage } from '../page/home/home-page.tsx';
import { FailedPage, NowherePage } from './failed-page.tsx';
import { Shell } from './shell.tsx';

type Loaded = () => Promise<{ Component: React.ComponentType }>;

const page = (path: string, lazy: Loaded): RouteObject => ({ path, lazy });

const factoryPages: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('../page/factory/overview-page.tsx')).OverviewPage }) },
  page('endpoints/:name?', async () => ({
    Component: (await import('../page/network/endpoints-page.tsx')).EndpointsPage,
  })),
  page('map', async () => ({ Component: (await import('../page/network/map-page.tsx')).MapPage })),
  page('flows', async () => ({ Component: (await import('../page/network/flows-page.tsx')).FlowsPage })),
  page('reachability', async () => ({
    Component: (await import('../page/network/reachability-page.tsx')).ReachabilityPage,
  })),
  page('egress', async () => ({ Component: (await import('../page/network/egress-page.tsx')).EgressPage })),
  page('audit', async () => ({ Component: (await import('../page/network/audit-page.tsx')).AuditPage })),
  page('linked-services', async () => ({
    Component: (await import('../page/authoring/linked-services-page.tsx')).LinkedServicesPage,
  })),
  page('linked-services/:name', async () => ({
    Component: (await import('../page/authoring/linked-service-page.tsx')).LinkedServicePage,
  })),
  page('datasets', async () => ({ Component: (await import('../page/authoring/datasets-page.tsx')).DatasetsPage })),
  page('datasets/:name', async () => ({ Component: (await import('../page/authoring/dataset-page.tsx')).DatasetPage })),
  page('pipelines', async () => ({ Component: (await import('../page/authoring/pipelines-page.tsx')).PipelinesPage })),
  page('pipelines/:name', async () => ({
    Component: (await import('../page/authoring/pipeline-page.tsx')).PipelinePage,
  })),
  page('runs', async () => ({ Component: (await import('../page/run/runs-page.tsx')).RunsPage })),
  page('runs/:runId', async () => ({ Component: (await import('../page/run/run-page.tsx')).RunPage })),
];

/** The routes below /studio. */
export const routes: RouteObject[] = [
  {
    Component: Shell,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: FailedPage,
        children: [
          { index: true, Component: HomePage },
          page('factories', async () => ({
            Component: (await import('../page/factory/factories-page.tsx')).FactoriesPage,
          })),
          { path: 'factories/:group/:factory', children: factoryPages },
          page('approvals', async () => ({
            Component: (await import('../page/approval/approvals-page.tsx')).ApprovalsPage,
          })),
          page('stores', async () => ({ Component: (await import('../page/store/stores-page.tsx')).StoresPage })),
          { path: '*', Component: NowherePage },
        ],
      },
    ],
  },
];
