// What a run tells while it goes on. Called on the thread of the run; must not block for long, because the run waits.
#pragma once

#include "base/error.hpp"
#include "judge/recycle/step.hpp"
#include "model/snapshot.hpp"

#include <string>

namespace ecsr::run {

class Listener {
public:
    virtual ~Listener() = default;

    // Before the run: what an earlier one left in place was put back, and ECS is still at it.
    virtual void on_settling(const std::string& /*what*/) {}
    // The service is held; nothing was changed yet (or, resumed, nothing more).
    virtual void on_started(const recycle::Run& /*run*/) {}
    // Something worth telling people, once. The lines of the older tools ("Recycling task 1/3: ARN") are among them.
    virtual void on_note(const recycle::Run& /*run*/, const recycle::Note& /*note*/) {}
    virtual void on_phase(const recycle::Run& /*run*/, const Snapshot& /*snapshot*/) {}
    // About to be made.
    virtual void on_change(const recycle::Run& /*run*/, const recycle::Perform& /*perform*/) {}
    // ECS was seen to have told the task to stop.
    virtual void on_task_replaced(const recycle::Run& /*run*/, const recycle::Replacement& /*replacement*/) {}
    // What is waited for; called again at every look.
    virtual void on_wait(const recycle::Run& /*run*/, const recycle::Wait& /*wait*/, const Snapshot& /*snapshot*/) {}
    // A look or a change failed; the run decides by itself whether it tries again.
    virtual void on_trouble(const recycle::Run& /*run*/, const Error& /*error*/) {}
    virtual void on_finished(const recycle::Run& /*run*/) {}
};

} // namespace ecsr::run
