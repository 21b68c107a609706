// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title What somebody holds, and what of it is on its way out
/// @dev Up to `MAX_THAWS` thaws run at a time, oldest first in a ring, so every loop here is bounded. A loss takes what
/// thaws first, the oldest of it first: so what is left is what stays longest, and no thaw needs to be rewritten.
library Holdings {
    uint256 internal constant MAX_THAWS = 16;

    uint256 private constant TIME_BITS = 40;

    /// @param held all, what thaws included
    /// @param first place of the oldest thaw in the ring
    /// @param count thaws in the ring
    /// @param thaws of each, in the low 40 bits, unix seconds from which it may leave, never before the one before it; above
    /// them the sum of this thaw and all before it, since the ring was last empty
    struct Holding {
        uint120 held;
        uint120 thawing;
        uint8 first;
        uint8 count;
        uint256[MAX_THAWS] thaws;
    }

    /// @notice More than this can't be held or thaw at once.
    error HoldingTooLarge(uint256 amount);
    error TooManyThaws(uint256 most);
    error NothingThawed(uint40 thawedAt);

    function add(Holding storage self, uint256 amount) internal returns (uint120 held) {
        uint256 sum = amount + self.held;
        if (sum > type(uint120).max) revert HoldingTooLarge(sum);
        held = uint120(sum);
        self.held = held;
    }

    /// @dev Starts a thaw of `amount`, which the caller has checked to be at most `unthawing`.
    function thaw(
        Holding storage self,
        uint256 amount,
        uint40 thawedAt
    ) internal returns (uint120 thawing, uint40) {
        (uint120 held, uint256 first, uint256 count) = (self.held, self.first, self.count);
        if (count == MAX_THAWS) revert TooManyThaws(MAX_THAWS);
        uint256 end = amount;
        if (count != 0) {
            (uint256 sum, uint40 last) = _at(self, count - 1);
            end += sum;
            if (last > thawedAt) thawedAt = last;
        }
        self.thaws[(first + count) % MAX_THAWS] = (end << TIME_BITS) | thawedAt;
        thawing = uint120(self.thawing + amount);
        _save(self, held, thawing, first, count + 1);
        return (thawing, thawedAt);
    }

    /// @dev Takes out all that has thawed by now. Reverts if no thaw has ended.
    function takeThawed(Holding storage self) internal returns (uint120 amount) {
        (uint256 ended, uint256 thawed) = _endedBefore(self, block.timestamp + 1);
        if (ended == 0) revert NothingThawed(self.count == 0 ? 0 : uint40(self.thaws[self.first]));
        amount = uint120(thawed);
        uint256 first = (self.first + ended) % MAX_THAWS;
        _save(self, self.held - amount, self.thawing - amount, first, self.count - ended);
    }

    /// @dev Takes up to `amount` without waiting. `active` is what of it had not been thawing.
    function lose(Holding storage self, uint256 amount) internal returns (uint256 taken, uint256 active) {
        (uint120 all, uint120 thawing) = (self.held, self.thawing);
        taken = amount < all ? amount : all;
        if (taken >= thawing) {
            active = taken - thawing;
            _save(self, all - taken, 0, 0, 0);
        } else {
            _save(self, all - taken, thawing - taken, self.first, self.count);
        }
    }

    function unthawing(Holding storage self) internal view returns (uint256) {
        return self.held - self.thawing;
    }

    /// @dev What can't have left before unix second `until`, if no other thaw starts.
    function staying(Holding storage self, uint256 until) internal view returns (uint256) {
        (, uint256 gone) = _endedBefore(self, until);
        return self.held - gone;
    }

    /// @dev When the last thaw ends, 0 if none runs.
    function lastThawedAt(Holding storage self) internal view returns (uint40 thawedAt) {
        uint256 count = self.count;
        if (count != 0) (, thawedAt) = _at(self, count - 1);
    }

    /// @dev The first slot of a holding.
    function _save(
        Holding storage self,
        uint256 held,
        uint256 thawing,
        uint256 first,
        uint256 count
    ) private {
        (self.held, self.thawing) = (uint120(held), uint120(thawing));
        (self.first, self.count) = (uint8(first), uint8(count));
    }

    /// @dev How many thaws end before `time`, and what is left of them.
    function _endedBefore(
        Holding storage self,
        uint256 time
    ) private view returns (uint256 ended, uint256 amount) {
        uint256 count = self.count;
        if (count == 0) return (0, 0);
        uint256 end;
        for (; ended < count; ++ended) {
            (uint256 sum, uint40 thawedAt) = _at(self, ended);
            if (thawedAt >= time) break;
            end = sum;
        }
        (uint256 all, ) = _at(self, count - 1);
        uint256 gone = all - self.thawing; // withdrawn or lost
        amount = end > gone ? end - gone : 0;
    }

    function _at(Holding storage self, uint256 place) private view returns (uint256 sum, uint40 thawedAt) {
        uint256 slot = self.thaws[(self.first + place) % MAX_THAWS];
        return (slot >> TIME_BITS, uint40(slot));
    }
}
