// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IHomeFees as F} from "../../contracts/interfaces/IHomeFees.sol";
import {IMembershipRegistry as I} from "../../contracts/interfaces/IMembershipRegistry.sol";
import {IOperatorStaking} from "../../contracts/interfaces/IOperatorStaking.sol";
import {ISlashing as S} from "../../contracts/interfaces/ISlashing.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {MembershipRegistry} from "../../contracts/membership/MembershipRegistry.sol";
import {Fixture} from "./support/Fixture.sol";
import {nextLedger} from "./support/Ledger.sol";

/// What an indexer reads, the last second of each period, and every field that is kept.
contract MembershipRegistryEdgesTest is Fixture {
    uint256 private constant SECRET = 0x5ec4e7;
    bytes32 private constant SALT = "salt";

    function test_parametersAreThoseOfTheDeployment() public view {
        I.Params memory p = params();
        eq(address(registry.staking()), address(staking), "staking");
        eq(registry.epochSeconds(), p.epochSeconds, "epoch");
        eq(registry.rootWindow(), p.rootWindow, "root window");
        eq(registry.term(), p.term, "term");
        eq(registry.grace(), p.grace, "grace");
        eq(registry.exitDelay(), p.exitDelay, "exit delay");
        eq(registry.commitMinBlocks(), p.commitMinBlocks, "blocks");
        eq(registry.commitMaxAge(), p.commitMaxAge, "age");
        eq(registry.depositPerMessage(), p.depositPerMessage, "deposit");
        eq(registry.feePerMessage(), p.feePerMessage, "fee");
    }

    function test_constructor_refusesToBeWithoutStaking() public {
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new MembershipRegistry(token, IOperatorStaking(address(0)), params());
    }

    function test_constructor_takesTheShortestExitDelay() public {
        I.Params memory p = params();
        p.exitDelay = p.rootWindow + 3 * p.epochSeconds + 1;
        eq(new MembershipRegistry(token, staking, p).exitDelay(), p.exitDelay, "exit delay");
    }

    function test_register_keepsEveryField() public {
        uint32 home = operatorWithStake(carol, carol, bob);
        join(SECRET + 1, 1, bob);
        uint256 id = commitmentOf(SECRET);
        vm.expectEmit();
        emit I.MemberRegistered(
            id,
            alice,
            1,
            600,
            uint40(block.timestamp) + TERM,
            home,
            link(registry.ledger(), 1, 1, id, 600, uint40(block.timestamp) + TERM)
        );
        vm.prank(alice);
        registry.register(id, 600, alice, home, type(uint256).max);
        I.Member memory m = registry.member(id, alice);
        eq(m.index, 1, "index");
        eq(m.home, home, "home");
        eq(m.rateLimit, 600, "limit");
        eq(m.claimedUntil, uint40(block.timestamp), "claimed until");
        eq(m.withdrawableAt, 0, "no exit");
    }

    function test_register_takesTheLargestCommitment() public {
        vm.prank(alice);
        registry.register(FIELD - 1, 1, alice, 0, type(uint256).max);
        eq(uint8(registry.member(FIELD - 1, alice).state), uint8(I.State.Active), "active");
    }

    function test_register_takesExactlyTheHighestPriceAgreed() public {
        (uint256 deposit, uint256 fee) = registry.price(10);
        uint256 id = commitmentOf(SECRET);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, deposit + fee, deposit + fee - 1));
        registry.register(id, 10, alice, 0, deposit + fee - 1);
        registry.register(id, 10, alice, 0, deposit + fee);
        vm.stopPrank();
    }

    function test_price_isLinearAndBounded() public view {
        (uint256 deposit, uint256 fee) = registry.price(1);
        eq(deposit, DEPOSIT, "deposit of one");
        eq(fee, FEE, "fee of one");
        (deposit, fee) = registry.price(600);
        eq(deposit, 600 * uint256(DEPOSIT), "deposit of 600");
        eq(fee, 600 * uint256(FEE), "fee of 600");
    }

    function test_renew_worksInTheLastSecondAndTellsTheLedger() public {
        join(SECRET + 1, 1, bob);
        uint256 id = join(SECRET, 10, alice);
        uint40 expiry = uint40(block.timestamp) + TERM;
        vm.warp(uint256(expiry) + GRACE);
        bytes32 head = link(registry.ledger(), 2, 1, id, 10, expiry + TERM);
        vm.expectEmit();
        emit I.MemberRenewed(id, alice, 1, expiry + TERM, head);
        vm.prank(alice);
        registry.renew(id, alice, 10 * uint256(FEE));
        eq(registry.ledger(), head, "ledger");
        eq(registry.member(id, alice).expiry, expiry + TERM, "expiry");
    }

    function test_exit_worksInTheLastSecondAndTellsTheLedger() public {
        join(SECRET + 1, 1, bob);
        uint256 id = join(SECRET, 10, alice);
        uint40 expiry = uint40(block.timestamp) + TERM;
        vm.warp(uint256(expiry) + GRACE);
        bytes32 head = link(registry.ledger(), 3, 1, id, 10, expiry);
        vm.expectEmit();
        emit I.MemberExited(id, alice, 1, head);
        vm.prank(alice);
        registry.exit(id);
        eq(registry.ledger(), head, "ledger");
        uint40 ready = uint40(block.timestamp) + EXIT_DELAY;
        eq(registry.member(id, alice).withdrawableAt, ready, "withdrawable at");
        vm.warp(ready);
        vm.expectEmit();
        emit I.MemberWithdrawn(id, alice, 10 * uint256(DEPOSIT));
        registry.withdraw(id, alice);
        eq(uint8(registry.member(id, alice).state), uint8(I.State.Withdrawn), "withdrawn");
    }

    function test_withdraw_withoutExitWorksFromTheFirstSecondThatItMay() public {
        uint256 id = join(SECRET, 10, alice);
        uint256 ready = block.timestamp + TERM + GRACE + EXIT_DELAY + 1;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotWithdrawable.selector, id, alice, I.State.Active, ready));
        registry.withdraw(id, alice);
        vm.warp(ready);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 10 * uint256(FEE), "all but the fee");
    }

    function test_slash_worksInTheLastSecondAndTellsEverything() public {
        join(SECRET + 1, 1, bob);
        uint256 id = join(SECRET, 3, alice);
        bytes32 commitment = slashCommitment(mallory, SECRET, SALT);
        vm.expectEmit();
        emit S.SlashCommitted(commitment, mallory);
        vm.prank(mallory);
        registry.commitSlash(commitment);
        (uint64 blockNumber, uint64 timestamp) = registry.slashCommitment(mallory, commitment);
        eq(blockNumber, block.number, "block");
        eq(timestamp, block.timestamp, "time");
        uint40 expiry = uint40(block.timestamp) + TERM;
        vm.roll(block.number + 2);
        skip(86_399);
        uint256 deposit = 3 * uint256(DEPOSIT);
        bytes32 head = link(registry.ledger(), 4, 1, id, 3, expiry);
        vm.expectEmit();
        emit S.MemberSlashed(id, alice, 1, SECRET, mallory, deposit - deposit / 2, deposit / 2, head);
        vm.prank(mallory);
        registry.slash(SECRET, alice, SALT);
        eq(registry.ledger(), head, "ledger");
        (blockNumber, timestamp) = registry.slashCommitment(mallory, commitment);
        eq(uint256(blockNumber) + timestamp, 0, "the commitment is used up");
    }

    function test_commitSlash_startsAnewOnceTheOldOneIsVoid() public {
        bytes32 commitment = slashCommitment(mallory, SECRET, SALT);
        vm.startPrank(mallory);
        registry.commitSlash(commitment);
        skip(86_399);
        vm.expectRevert(abi.encodeWithSelector(S.AlreadyCommitted.selector, commitment));
        registry.commitSlash(commitment);
        skip(1);
        registry.commitSlash(commitment);
        vm.stopPrank();
        (, uint64 timestamp) = registry.slashCommitment(mallory, commitment);
        eq(timestamp, block.timestamp, "young again");
    }

    function test_claimFees_tellsWhatWasPaidAndBurnedAndCountsNoSecondTwice() public {
        uint32 home = operatorWithStake(carol, carol, bob);
        uint256 id = joinAt(SECRET, 100, alice, home);
        F.Key[] memory keys = new F.Key[](1);
        keys[0] = F.Key(id, alice);
        uint256 whole = 100 * uint256(FEE);
        skip(TERM / 2);
        eq(registry.accruedFees(id, alice), whole / 2, "half a term");
        vm.expectEmit();
        emit F.FeesClaimed(home, bob, whole / 2 - whole / 20, whole / 20);
        eq(registry.claimFees(keys), whole / 2 - whole / 20, "paid");
        eq(registry.member(id, alice).claimedUntil, block.timestamp, "claimed until now");
        eq(registry.claimFees(keys), 0, "nothing more at once");
        skip(TERM);
        eq(registry.accruedFees(id, alice), whole / 2, "nothing after the term");
        registry.claimFees(keys);
        eq(token.balanceOf(bob), WEALTH + whole - whole / 10, "nine tenths");
        eq(token.balanceOf(BURNED), whole / 10, "a tenth");
        eq(registry.claimFees(keys), 0, "all is claimed");
    }

    /// @dev The ledger word after a change of alice's membership.
    function link(
        bytes32 before,
        uint8 kind,
        uint32 index,
        uint256 id,
        uint16 limit,
        uint40 expiry
    ) private view returns (bytes32) {
        return nextLedger(before, kind, index, id, alice, limit, expiry);
    }
}
