// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees} from "../interfaces/IHomeFees.sol";
import {MemberSlot} from "../types/MemberSlot.sol";
import {MembershipLedger} from "./MembershipLedger.sol";

/// @dev The fee of each membership, streamed by the second to its home operator.
abstract contract HomeFees is IHomeFees, MembershipLedger {
    uint256 private constant BURN_DIVISOR = 10;
    /// @dev For home 0 and for operators that are not in good standing: all time is before it.
    uint256 private constant NEVER_GOOD = type(uint40).max;

    /// @dev 216 bits hold the fees of 2³² members for 2⁴⁰ seconds.
    struct Owed {
        uint216 amount;
        uint40 updatedAt;
    }

    /// @param goodSince what streamed before is burned
    /// @param left the most that can still be earned, the tenth that is burned included
    struct Claim {
        uint256 goodSince;
        uint256 left;
        uint256 earned;
        uint256 burned;
    }

    /// @dev Home 0 holds what is to be burned.
    mapping(uint32 home => Owed) private _owed;

    /// @inheritdoc IHomeFees
    function setHome(uint256 idCommitment, uint32 home) external {
        _setHome(idCommitment, msg.sender, _members[idCommitment][msg.sender], home);
    }

    /// @inheritdoc IHomeFees
    function claimFees(Key[] calldata keys) external nonReentrant returns (uint256 paid) {
        if (keys.length == 0) revert NoKeys();
        uint32 home = _members[keys[0].idCommitment][keys[0].holder].home();
        (address payee, Claim memory c) = _claimOf(home);
        for (uint256 i = 0; i < keys.length; ++i) {
            if (!_claim(c, home, keys[i])) break;
        }
        return _pay(home, payee, c);
    }

    /// @inheritdoc IHomeFees
    function claimOwed(uint32 home) external nonReentrant returns (uint256 paid) {
        Owed memory o = _owed[home];
        if (o.amount == 0) revert NothingOwed(home);
        (address payee, Claim memory c) = _claimOf(home);
        if (o.updatedAt <= c.goodSince) c.burned = o.amount;
        else c.earned = o.amount < c.left ? o.amount : c.left;
        // What is taken is at most the amount, so it fits.
        _owed[home].amount = o.amount - uint216(c.burned + c.earned);
        return _pay(home, payee, c);
    }

    /// @inheritdoc IHomeFees
    function accruedFees(uint256 idCommitment, address holder) external view returns (uint256) {
        MemberSlot m = _members[idCommitment][holder];
        (uint256 from, , uint256 to) = _span(m, 0);
        return _streamed(_fee(m.rateLimit()), from, to);
    }

    /// @inheritdoc IHomeFees
    function owed(uint32 home) external view returns (uint256 amount, uint40 updatedAt) {
        Owed memory o = _owed[home];
        return (o.amount, o.updatedAt);
    }

    /// @dev `m` is the member as stored.
    function _setHome(uint256 idCommitment, address holder, MemberSlot m, uint32 home) internal {
        if (m.state() == State.None) revert UnknownMember(idCommitment, holder);
        _requireHome(home);
        uint32 previous = m.home();
        uint256 goodSince = _goodSince(previous);
        (uint256 from, uint256 good, uint256 to) = _span(m, goodSince);
        uint256 fee = _fee(m.rateLimit());
        uint256 lost = _streamed(fee, from, good);
        uint256 gained = _streamed(fee, good, to);

        _owe(previous, gained, goodSince);
        _owe(0, lost, 0);
        _members[idCommitment][holder] = m.withHome(home).withClaimedUntil(uint40(to)).withNextNonce();
        emit HomeSet(idCommitment, holder, home, previous, gained, lost);
    }

    /// @dev Claims one membership; false if it had to be cut.
    function _claim(Claim memory c, uint32 home, Key calldata key) private returns (bool whole) {
        mapping(address => MemberSlot) storage held = _members[key.idCommitment];
        MemberSlot m = held[key.holder];
        if (m.home() != home) revert DifferentHome(home, m.home());
        (uint256 from, uint256 good, uint256 to) = _span(m, c.goodSince);
        uint256 fee = _fee(m.rateLimit());
        uint256 earned = _streamed(fee, good, to);
        whole = earned <= c.left;
        if (!whole) {
            to = _secondOf(fee, good, c.left);
            earned = _streamed(fee, good, to);
        }
        if (to == from) return whole;
        held[key.holder] = m.withClaimedUntil(uint40(to));
        if (good != from) c.burned += _streamed(fee, from, good);
        c.earned += earned;
        c.left -= earned;
    }

    /// @dev Adds to what is owed to `home`. What was owed from before its good standing goes to what is burned.
    function _owe(uint32 home, uint256 amount, uint256 goodSince) private {
        if (amount == 0) return;
        Owed memory o = _owed[home];
        if (o.updatedAt <= goodSince) {
            _owe(0, o.amount, 0);
            o.amount = 0;
        }
        _owed[home] = Owed(o.amount + uint216(amount), uint40(block.timestamp));
    }

    /// @dev Draws on the operator's credit, burns the tenth and what was lost, pays the payee.
    function _pay(uint32 home, address payee, Claim memory c) private returns (uint256 paid) {
        uint256 tenth = c.earned / BURN_DIVISOR;
        paid = c.earned - tenth;
        uint256 burned = c.burned + tenth;
        if (paid != 0) staking.drawIncome(home, uint128(paid)); // fits: at most the credit
        emit FeesClaimed(home, payee, paid, burned);

        _payOut(BURNED, burned);
        _payOut(payee, paid);
    }

    /// @dev The payee of `home`, and a claim in which nine tenths of `left` are its credit, to the unit.
    function _claimOf(uint32 home) private view returns (address payee, Claim memory c) {
        if (home == 0) return (BURNED, Claim(NEVER_GOOD, 0, 0, 0));
        uint128 credit;
        (payee, credit, c.goodSince) = staking.incomeOf(home);
        if (c.goodSince == 0) revert NotInGoodStanding(home);
        c.left = (uint256(credit) * BURN_DIVISOR) / (BURN_DIVISOR - 1);
    }

    function _goodSince(uint32 home) private view returns (uint256 goodSince) {
        if (home != 0) (, , goodSince) = staking.incomeOf(home);
        if (goodSince == 0) goodSince = NEVER_GOOD;
    }

    /// @dev What has not been claimed is `from` to `to`; of that, `from` to `good` is before good standing.
    function _span(
        MemberSlot m,
        uint256 goodSince
    ) private view returns (uint256 from, uint256 good, uint256 to) {
        (from, to) = (m.claimedUntil(), m.expiry());
        if (block.timestamp < to) to = block.timestamp;
        good =
            goodSince < from
                ? from
                : goodSince > to
                    ? to
                    : goodSince;
    }

    /// @dev Of `fee` a term, what streams from `from` to `to`. A difference of two floors, so that the parts add up exactly.
    function _streamed(uint256 fee, uint256 from, uint256 to) private view returns (uint256) {
        unchecked {
            return (fee * to) / term - (fee * from) / term; // fee < 2¹⁰⁶, from <= to < 2⁴⁰
        }
    }

    /// @dev The last second until which no more than `amount` streams from `from`.
    function _secondOf(uint256 fee, uint256 from, uint256 amount) private view returns (uint256) {
        return (((fee * from) / term + amount + 1) * term - 1) / fee;
    }
}
