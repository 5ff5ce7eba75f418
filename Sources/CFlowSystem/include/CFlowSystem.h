#ifndef FLOW_SYSTEM_H
#define FLOW_SYSTEM_H

#endif
