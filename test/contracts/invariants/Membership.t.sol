// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IOperatorStaking} from "../../../contracts/interfaces/IOperatorStaking.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {FakeStaking} from "../support/FakeStaking.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {TestBase} from "../support/TestBase.sol";
import {MembershipHandler} from "./MembershipHandler.sol";

contract MembershipInvariants is TestBase {
    DenyToken private token;
    MembershipRegistry private registry;
    MembershipHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        FakeStaking staking = new FakeStaking();
        I.Params memory p = I.Params(60, 60, 3_600, 600, 300, 2, 86_400, 50_001, 9_973);
        registry = new MembershipRegistry(token, IOperatorStaking(address(staking)), p);
        handler = new MembershipHandler(token, registry, staking);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_tokensHeldAreWhatIsOwed() public view {
        uint256 sum =
            handler.depositsHeld() + handler.unclaimedFees() + handler.owed() + handler.claimables();
        eq(
            token.balanceOf(address(registry)),
            sum,
            "held = deposits + unstreamed and unclaimed fees + owed + claimable"
        );
    }

    function invariant_everyFeeIsSomewhere() public view {
        uint256 sum = handler.feesLeft() + handler.unclaimedFees() + handler.owed();
        eq(handler.feesPaid(), sum, "fees paid in = paid out and burned + unclaimed + owed");
    }

    function invariant_nobodyDrawsMoreThanNineTenthsOrThanTheCredit() public view {
        ok(
            handler.drawn() * 10 <= handler.feesLeft() * 9 + 10 * handler.claims(),
            "drawn <= 9/10 of the fees"
        );
        ok(handler.drawn() <= handler.creditGiven(), "drawn <= credit");
    }

    function invariant_theGhostLedgerHasTheSameHash() public view {
        eq(registry.ledger(), handler.ledger(), "ledger hash");
        eq(registry.memberCount(), handler.memberCount(), "member count");
    }

    function invariant_atLeastHalfOfWhatIsSlashedIsBurned() public view {
        ok(handler.burned() >= handler.rewarded(), "burned >= rewarded");
    }

    function invariant_claimedNeverFallsAndNoncesOnlyGrow() public view {
        ok(!handler.fell(), "claimed until and nonce of each member only grow");
    }

    /// Whatever operators do: every deposit that was not slashed goes to its holder, and every fee that is not owed to an
    /// operator yet can be burned by its holder.
    function invariant_everyDepositAndFeeHasAWayOut() public {
        skip(100 * 365 days);
        for (uint256 i = 0; i < handler.memberCount(); ++i) {
            (, address holder, I.Member memory m) = handler.pick(i);
            (uint256 id, , ) = handler.pick(i);
            if (m.state == I.State.Active || m.state == I.State.Exited) registry.withdraw(id, holder);
            vm.prank(holder);
            registry.setHome(id, 0);
        }
        (uint256 burnable, ) = registry.owed(0);
        if (burnable != 0) registry.claimOwed(0);
        uint256 sum = handler.owed() + handler.claimables();
        eq(token.balanceOf(address(registry)), sum, "left = owed to operators + claimable");
    }
}
